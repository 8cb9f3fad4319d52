"""Weights on disk: MindSpore's, PyTorch's and safetensors files, read without trust."""
