"""What all tests share."""

import signal

# A runner started in the background ignores Ctrl-C, and what it starts would inherit that; the tests of
# interruption need programs that listen.
signal.signal(signal.SIGINT, signal.default_int_handler)
