#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
// libgenvid as GJS has it, inside genvid-sandbox: one clip, with progress.
imports.gi.versions.Gst = '1.0';
imports.gi.versions.Genvid = '1.0';
const {Genvid, GLib, Gst} = imports.gi;

Gst.init(null);
const loop = new GLib.MainLoop(null, false);
const prefetch = Genvid.Prefetch.new(
    'genvid://genpro?prompt=a paper boat&model=veo_3_fast&duration=8');
const percents = [];
let path = null;

prefetch.connect('notify::percent', p => percents.push(p.percent));
prefetch.run_async(null, (source, result) => {
    try {
        path = source.run_finish(result);
    } catch (error) {
        print(`# ${error.message}`);
    }
    loop.quit();
});
loop.run();

const good = path !== null
    && GLib.file_test(path, GLib.FileTest.IS_REGULAR)
    && percents[percents.length - 1] === 100
    && prefetch.state === Genvid.State.DONE
    && prefetch.billed === Genvid.Billed.YES;
print(`${good ? 'ok' : 'not ok'} 1 a clip is bought and its progress told`);
print('1..1');
