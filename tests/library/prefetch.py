#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libgenvid as Python has it, against the sandbox: run inside genvid-sandbox.

A clip is bought once, with progress and an end; keys and limits come from
contexts only; errors have a domain and a code.
"""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("Genvid", "1.0")
from gi.repository import Genvid, Gio, GLib, Gst  # noqa: E402

Gst.init(None)

# The sandbox gives keys and limits by the environment; here they must come
# another way.
BASE_URL = os.environ.pop("GENVID_BASE_URL")
KEY = os.environ["GEN_API_KEY"]
STORE = os.environ["GENVID_STORE"]
IDS = {n: os.environ.get("GEN_" + n.upper() + "_ID", "1")
       for n in ("sheet", "cell", "agent")}
for name in list(os.environ):
    if name.startswith("GENVID_") or name.endswith(("_API_KEY", "_BASE_URL")):
        GLib.unsetenv(name)

URI = "genvid://genpro?prompt=a paper boat&model=veo_3_fast&duration=8" + "".join(
    f"&{name}-id={value}" for name, value in IDS.items())


def settings(**more):
    fields = Gst.Structure.new_empty("settings")
    fields.set_value("provider", "genpro")
    fields.set_value("base-url", BASE_URL)
    fields.set_value("store", STORE)
    for name, value in more.items():
        fields.set_value(name.replace("_", "-"), value)
    return Genvid.context_for_settings(fields)


def run(prefetch, cancellable=None):
    """The path, or a GLib.Error."""
    loop = GLib.MainLoop()
    outcome = []

    def done(source, result):
        try:
            outcome.append(source.run_finish(result))
        except GLib.Error as error:
            outcome.append(error)
        loop.quit()

    prefetch.run_async(cancellable, done)
    loop.run()
    return outcome[0]


number = 0


def check(condition, what):
    global number
    number += 1
    print(f"{'ok' if condition else 'not ok'} {number} {what}", flush=True)
    if not condition:
        print("#", error)
        sys.exit(1)


def prefetch(**more):
    made = Genvid.Prefetch.new(URI)
    made.set_context(settings(**more))
    made.set_context(Genvid.context_for_keys({"genpro": KEY}))
    return made


# Without a limit a URI buys nothing.
error = run(prefetch())
check(isinstance(error, GLib.Error)
      and error.matches(Genvid.error_quark(), Genvid.Error.NOT_STORED),
      "without a limit nothing is bought")
error = run(prefetch(budget=0.01))
check(error.matches(Genvid.error_quark(), Genvid.Error.OVER_BUDGET),
      "a limit of the context holds")

# No key, no purchase.
keyless = Genvid.Prefetch.new(URI)
keyless.set_context(settings(budget=50.0))
error = run(keyless)
check(error.matches(Genvid.error_quark(), Genvid.Error.UNAUTHORIZED),
      "without a key nothing is bought")

# A wait that ends early is no end of the purchase.
first = prefetch(budget=50.0)
cancellable = Gio.Cancellable()
first.connect("notify::state", lambda p, _: cancellable.cancel()
              if p.props.state == Genvid.State.QUEUED else None)
error = run(first, cancellable)
check(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED),
      "cancelled")

# The same object continues it, and tells how far it is.
second = prefetch(budget=50.0)
percents = []
texts = []
states = []
second.connect("notify::percent", lambda p, _: percents.append(p.props.percent))
second.connect("notify::text", lambda p, _: texts.append(p.props.text))
second.connect("notify::state", lambda p, _: states.append(p.props.state))
path = run(second)
check(isinstance(path, str) and open(path, "rb").read()[4:8] == b"ftyp",
      "the clip is in the store")
check(percents == sorted(percents) and percents[-1] == 100,
      "percent never goes back and ends at 100")
check(any("running" in text or "queued" in text for text in texts if text),
      "a text says what is waited for")
check(states[-1] == Genvid.State.DONE
      and second.props.billed == Genvid.Billed.YES
      and second.props.cost > 0, "done and billed, at a known cost")

# Once more: from the store, with no key; and by a source of the application's.
third = Genvid.Prefetch.new(URI)
third.set_context(settings())
check(run(third) == path and third.props.origin == Genvid.Origin.STORED,
      "stored clips need no key and no limit")
source = Gst.ElementFactory.make("genvidsrc", None)
source.set_property("prompt", "another boat")
source.set_property("reuse", "only")
fourth = Genvid.Prefetch.new_for_source(source)
fourth.set_context(settings(budget=50.0))
fourth.set_context(Genvid.context_for_keys({"genpro": KEY}))
error = run(fourth)
check(error.matches(Genvid.error_quark(), Genvid.Error.NOT_STORED),
      "a source of the application keeps its properties")

error = run(Genvid.Prefetch.new("genvid://genpro?promt=x"))
check(isinstance(error, GLib.Error) and "prompt" in error.message,
      "a wrong URI is an error that names the right word")
print(f"1..{number}")
