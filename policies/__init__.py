"""What the platform and the regulator decide: one family of policies a module, plug-ins by name.

A policy is a class with parameters and one method of its family's protocol (`policies.protocols`);
it is handed frozen arrays of what a platform can know and never imports the simulation. The modules
are imported by name, and importing this package loads none of them.
"""
