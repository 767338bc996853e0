from diffkit._core import *
