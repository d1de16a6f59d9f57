"""The demo workspace: people, one for each role, and what they work with."""

from leadcrm.demo.make import make_demo
from leadcrm.demo.people import DEMO_PASSWORD, PEOPLE

__all__ = ["DEMO_PASSWORD", "PEOPLE", "make_demo"]
