"""The site: the guides in this folder, the lessons as they ran, and references made from the code.

`sphinx-build -n -W --keep-going docs build/site` needs no network, and the site that it makes loads nothing from one.
"""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "napari-deblur"
author = "The napari-deblur developers"
project_copyright = f"{author}. BSD-3-Clause"
release = version = version_of("napari-deblur")
language = "en"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "myst_nb",
    # In _extensions: a file an idea.
    "command_line",  # the reference of commands, from the app
    "rooms",  # the reference of the library, from its docstrings
    "docstrings",  # what Sphinx would misread in them
    "short_names",  # `restore` in a docstring links to gan_lessons.restoration.restore
    "elsewhere",  # the lessons as they ran, and other pages that live outside this folder
    "lesson_pictures",  # what students restore
    "models",  # a page a model, from its card
    "recipes",  # the recipes as they are
    "mathml",  # formulas that the browser draws by itself
]
exclude_patterns = ["_extensions", "_templates"]

# Guides and lessons.
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the lessons were executed by `gan-lessons lessons build --execute`
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the default loads scripts from the network
nb_merge_streams = True
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"

# Docstrings.
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # torch says of every network's forward that it should be overridden
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_param = False  # types are sentences ("float32 array, (Y, X)"), not names to link
napoleon_use_rtype = False
napoleon_custom_sections = [("Shape", "notes_style"), ("Attributes", "params_style")]
python_maximum_signature_line_length = 88
add_module_names = False
default_role = "py:obj"
toc_object_entries_show_parents = "hide"

# Nitpicky: every name that looks like a link must be one, but for these.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!gan_lessons\.)\w+\..*|Tensor"),  # of other libraries: their inventories would need the network
    (r"py:class", r"gan_lessons\..*\.(Found|Key|Layer|P|Picture|T)|Box"),  # type variables and aliases
    (r"py:class", r"[\d.]+"),  # bounds of a recipe's values
]

# Appearance.
html_theme = "pydata_sphinx_theme"
html_title = "napari-deblur"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "napari-deblur"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": []}
