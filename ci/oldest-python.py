"""Gives today's Python back what that of 2015 had, so that the AWS CLIs of that year start. Nothing else is changed.

Python imports it at its start, under the name sitecustomize, from the folder of such an AWS CLI.
"""

import collections
import collections.abc
import inspect

for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))

if not hasattr(inspect, "getargspec"):
    inspect.getargspec = lambda function: inspect.getfullargspec(function)[:4]
