"""Other engines for a network: it is exported once, checked, and run by them.

Read in this order: ``surroundings`` (what an export leaves as it was), ``agreement`` (what "the
same outputs" means), ``onnx_session`` (onnxruntime), ``onnx_export`` and ``mindir_export``
(MindSpore's exporters, each result checked), ``export_cache`` (where results are kept),
``onnx_network`` (the cell that runs one), ``export_file`` (a file for other programs). No other
folder imports onnx or onnxruntime.
"""
