"""Every name that diffkit shares with PyTorch, compared with PyTorch itself on generated inputs."""
