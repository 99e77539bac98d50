"""Settings of the gallery: every example in ``examples/`` is run, and prints theory beside numeric."""

from pathlib import Path
from typing import Any


def local_figures(gallery_conf: dict[str, Any], fname: str) -> None:
    """Close the figures of the example before; no global setting of matplotlib is changed."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")


def gallery_settings(docs: Path) -> dict[str, Any]:
    """Return the settings of sphinx-gallery."""
    return {
        "examples_dirs": str(docs.parent / "examples"),
        "gallery_dirs": str(docs / "gallery"),
        "filename_pattern": r"\.py$",
        "within_subsection_order": "FileNameSortKey",
        "reset_modules": ("_site.gallery.local_figures",),
        "image_scrapers": ("matplotlib",),
        "matplotlib_animations": False,
        "abort_on_example_error": True,
        "show_memory": False,
        "show_signature": False,
        "min_reported_time": 1000,
        "download_all_examples": False,
        "write_computation_times": False,
        "remove_config_comments": True,
        "image_srcset": ["2x"],
        "thumbnail_size": (640, 440),
        "nested_sections": False,
    }
