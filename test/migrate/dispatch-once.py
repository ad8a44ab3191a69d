"""Runs the scripts of a directory as networkd-dispatcher does, by its own code: PROGRAM DIRECTORY LINK ADMINISTRATIVE OPERATIONAL.

The bus and the main loop are not needed for that, and need not be installed.
"""
import importlib.machinery
import importlib.util
import sys
import types

for name in ("dbus", "dbus.mainloop", "dbus.mainloop.glib", "gi", "gi.repository"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["dbus"].mainloop = sys.modules["dbus.mainloop"]
sys.modules["gi.repository"].GLib = None

program, directory, link, administrative, operational = sys.argv[1:]
loader = importlib.machinery.SourceFileLoader("networkd_dispatcher", program)
module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
sys.dont_write_bytecode = True
loader.exec_module(module)
dispatcher = module.Dispatcher(script_dir=directory)
dispatcher.handle_state(link, administrative_state=administrative, operational_state=operational, force=True)
