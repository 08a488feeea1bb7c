"""Who listens to what: the one place where events meet their listeners.

None yet besides those outside: webhooks and the bus are registered at run time (a later issue).
"""

from hub.outbox.delivery import Subscriber

SUBSCRIBERS: tuple[Subscriber, ...] = ()
