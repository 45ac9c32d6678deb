#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a prompt, with a progress bar while it is generated.

  build/tools/genvid-sandbox -- examples/play-prompt.py
  examples/play-prompt.py "a paper boat" --budget 5

Needs python3-gst-1.0. Service and key come from the environment. Ctrl-C ends the
wait and keeps the purchase: the same prompt continues it.
"""

import argparse
import os
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

WIDTH = 30


class Player:
    def __init__(self, prompt, budget):
        self.prompt = prompt
        self.budget = budget
        self.status = 1
        self.drawn = False
        self.loop = GLib.MainLoop()
        self.playbin = Gst.ElementFactory.make("playbin3", None)
        # The source is made from the URI; what it is to make is set below, so
        # that the prompt needs no escapes.
        self.playbin.set_property("uri", "genvid://?prompt=prompt")
        self.playbin.connect("source-setup", self.set_up)
        for name in ("video-sink", "audio-sink"):
            sink = os.environ.get("SINK" if name[0] == "v" else "AUDIOSINK")
            if sink:
                self.playbin.set_property(
                    name, Gst.ElementFactory.make(sink, None))
        bus = self.playbin.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)

    def set_up(self, _playbin, source):
        source.set_property("prompt", self.prompt)
        source.set_property("budget", self.budget)

    def draw(self, percent, text):
        full = WIDTH * percent // 100
        line = f"[{'#' * full}{'-' * (WIDTH - full)}] {percent:3} %  {text}"
        if sys.stdout.isatty():
            print(f"\r{line[:78]:78}", end="", flush=True)
            self.drawn = True
        else:
            print(line, flush=True)

    def say(self, text):
        print(("\n" if self.drawn else "") + text, flush=True)
        self.drawn = False

    def end(self, status):
        self.status = status
        self.loop.quit()

    def on_message(self, _bus, message):
        fields = message.get_structure()
        if message.type == Gst.MessageType.PROGRESS:
            _, code, text = message.parse_progress()
            if code == "generate":
                self.draw(fields.get_value("percent"), text)
        elif message.type == Gst.MessageType.ELEMENT:
            if (fields.get_name() == "genvid-generation"
                    and fields.get_value("state") == "done"):
                self.say(f"in the store: {fields.get_value('location')}")
        elif message.type == Gst.MessageType.BUFFERING:
            # A clip that is still being downloaded.
            full = message.parse_buffering() == 100
            self.playbin.set_state(Gst.State.PLAYING if full
                                   else Gst.State.PAUSED)
        elif message.type == Gst.MessageType.ERROR:
            self.say(message.parse_error()[0].message)
            self.end(1)
        elif message.type == Gst.MessageType.EOS:
            self.end(0)

    def run(self):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, self.end, 130)
        self.playbin.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.playbin.set_state(Gst.State.NULL)
        return self.status


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompt", nargs="?", default="a paper boat on a pond")
    parser.add_argument("--budget", type=float, default=10.0,
                        help="US dollars within 24 hours (default: 10)")
    arguments = parser.parse_args()
    Gst.init(None)
    sys.exit(Player(arguments.prompt, arguments.budget).run())


main()
