"""YAML whose scalars are all text: `2017` and `2017-06-12` are what they look like."""

from __future__ import annotations

from typing import Any

from diffkit_papers.errors import BadData


def load_yaml(text: str) -> dict[str, Any]:
    """A mapping of texts, lists and mappings; aliases, which can grow without bounds, are refused."""
    import yaml

    class Loader(yaml.BaseLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise BadData("YAML with aliases (*name) is not read", fix="write the value out")
            return super().compose_node(parent, index)

    try:
        found = yaml.load(text, Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadData(f"no YAML in line {line}: {error.problem or 'it cannot be read'}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadData(f"no YAML: {type(error).__name__}") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise BadData("YAML without names and values")
    return found
