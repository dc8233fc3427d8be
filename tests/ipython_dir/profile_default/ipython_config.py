"""The explicit policy under which the notebooks run without anybody at the screen."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821
c.CodeAct.mode = "auto"
c.CodeAct.reach = "all"
