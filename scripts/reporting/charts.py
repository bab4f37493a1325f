"""The charts, as Vega-Lite specifications without data: the page puts in the rows that its selectors ask for.

Colors are Okabe and Ito's, which stay apart for color-blind readers; what a color says, a shape or a text says too.
"""

from __future__ import annotations

from typing import Any

import altair as alt

Layers = alt.LayerChart | alt.FacetChart

INK, MUTED, GRID = "#1c2430", "#566070", "#e3e6ea"
BLUE, VERMILION, GREY, GREEN, ORANGE, SKY, PINK, VIOLET = (
    "#0072b2",
    "#d55e00",
    "#858d98",
    "#009e73",
    "#e69f00",
    "#8ecbf0",
    "#cc79a7",
    "#5d3a9b",
)
FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, system-ui, sans-serif"
# Blue and vermilion are kept for better and worse.
SERIES = (BLUE, ORANGE, GREEN, PINK, SKY, VIOLET, "#b8860b", GREY)
STATES = ("better", "worse", "different", "none")
STATE_COLOURS = (BLUE, VERMILION, VIOLET, GREY)
STATE_SHAPES = ("triangle-right", "triangle-left", "diamond", "circle")
# From nobody to everybody.
RAMP = ["#eef4f9", "#7fb3d8", "#00497a"]
WITHHELD = "#d5d8dc"
ROW_HEIGHT = 24
MONTHS = {"interval": "month", "step": 2}
PER_CENT = "datum.value + '\u202f%'"


def all_specs() -> dict[str, dict[str, Any]]:
    """Every chart by its name in the page."""
    charts: dict[str, Any] = {
        "together": _together(share=False),
        "shares": _together(share=True),
        "line": _line(),
        "moves": _moves(),
        "lifts": _forest(log=True),
        "differences": _forest(log=False),
        "profile": _profile(),
        "attrition": _attrition(),
        "transitions": _transitions(),
        "overlap": _overlap(),
        "retention": _retention(),
        "growth": _growth(),
        "growth_all": _growth(moved=False),
    }
    return {name: _plain(chart) for name, chart in charts.items()}


def _rows() -> alt.NamedData:
    return alt.NamedData(name="rows")


def _plain(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The specification as the page embeds it: no link to a schema, one look for all."""
    spec = chart.configure(
        font=FONT,
        background="transparent",
        padding=2,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=MUTED,
            titleColor=MUTED,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=GRID,
            domainColor="#b5bcc5",
            tickColor="#b5bcc5",
        ),
        axisY=alt.AxisConfig(labelLimit=230),
        legend=alt.LegendConfig(
            labelColor=INK, labelFontSize=12, title=None, orient="top", symbolType="square", columns=6, symbolSize=110, labelLimit=170
        ),
    ).to_dict(validate=True)
    spec.pop("$schema", None)
    # Of the height each chart decides itself.
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def _date_axis() -> alt.Axis:
    return alt.Axis(format="%b %Y", labelOverlap=True, grid=False, tickCount=MONTHS, labelFlush=True)


def _rows_axis(**more: Any) -> alt.Axis:
    """The names of rows on the left."""
    return alt.Axis(ticks=False, domain=False, labelPadding=8, labelColor=INK, **more)


def _together(share: bool) -> alt.Chart:
    """The lifecycle over time; they hold everybody once, so they may be stacked."""
    return (
        alt.Chart(_rows(), height=300, width="container")
        .mark_area(opacity=0.95, stroke="white", strokeWidth=0.8)
        .encode(
            x=alt.X("date:T", title=None, scale=alt.Scale(type="utc"), axis=_date_axis()),
            y=alt.Y(
                "users:Q",
                title="Share of users" if share else "Users",
                stack="zero",
                scale=alt.Scale(domainMax=1) if share else alt.Undefined,
                axis=alt.Axis(tickCount=5, format="%" if share else ",d"),
            ),
            color=alt.Color("label:N", sort=None, scale=alt.Scale(range=list(SERIES))),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("label:N", title="Segment"),
                alt.Tooltip("day:N", title="Date"),
                alt.Tooltip("text:N", title="Share" if share else "Users"),
            ],
        )
    )


def _line() -> Layers:
    """One number over time; the provisional newest date is a hollow point."""
    base = alt.Chart(_rows(), height=210, width="container").encode(
        x=alt.X("date:T", title=None, scale=alt.Scale(type="utc"), axis=_date_axis()),
        y=alt.Y("users:Q", title="Users", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=4, format=",d", tickMinStep=1)),
    )
    tooltip = [alt.Tooltip("day:N", title="Date"), alt.Tooltip("text:N", title="Users")]
    return alt.layer(
        base.mark_area(color=BLUE, opacity=0.1),
        base.mark_line(color=BLUE, strokeWidth=2),
        base.mark_point(fill="white", stroke=BLUE, strokeWidth=2, size=60).encode(
            opacity=alt.condition("datum.provisional", alt.value(1), alt.value(0)), tooltip=tooltip
        ),
    )


def _bars(names: tuple[str, ...], colors: tuple[str, ...], title: str, height: int) -> Layers:
    """What was gained (up) and lost (down) in each period: bars from the start of the period to its end."""
    base = alt.Chart(_rows(), height=height, width="container")
    stacked = base.transform_stack(stack="value", groupby=["date"], as_=["from", "to"], sort=[alt.SortField("order")], offset="zero")
    return alt.layer(
        stacked.mark_bar(stroke="white", strokeWidth=0.6).encode(
            x=alt.X("start:T", title=None, scale=alt.Scale(type="utc"), axis=_date_axis()),
            x2="date:T",
            y=alt.Y(
                "from:Q",
                title=title,
                axis=alt.Axis(tickCount=5, labelExpr="(datum.value < 0 ? '\u2212' : '') + format(abs(datum.value), ',')"),
            ),
            y2="to:Q",
            color=alt.Color("label:N", sort=None, scale=alt.Scale(domain=list(names), range=list(colors))),
            tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("day:N", title="Period to"), alt.Tooltip("text:N", title="Users")],
        ),
        base.mark_rule(color=INK).encode(y=alt.datum(0)),
    )


def _moves() -> Layers:
    """Who came and who went."""
    return _bars(("Entered", "Left"), (BLUE, ORANGE), "Users", 180)


def _growth(moved: bool = True) -> Layers:
    """Why the number of active members changed; among all users nobody moves in or out."""
    parts = [
        ("New", "#004c7a", True),
        ("Returned", "#3a94cc", True),
        ("Moved in", "#a9d3ee", moved),
        ("No longer active", VERMILION, True),
        ("Moved out", "#f3b27c", moved),
    ]
    parts = [part for part in parts if part[2]]
    return _bars(tuple(part[0] for part in parts), tuple(part[1] for part in parts), "Active users", 290)


def _forest(log: bool) -> Layers:
    """One row per comparison: point and interval; filled where it can be told from chance, hollow grey where not."""
    bounds: dict[str, Any] = {"domain": [alt.ExprRef("low"), alt.ExprRef("high")], "nice": False}
    scale = alt.Scale(type="log", **bounds) if log else alt.Scale(type="linear", zero=False, **bounds)
    distance = "abs(datum.value - 1) * 100" if log else "abs(datum.value)"
    label = f"(datum.value == {int(log)} ? '' : datum.value > {int(log)} ? '+' : '\u2212') + format({distance}, " + (
        "',.0f') + '\u202f%'" if log else "',~r')"
    )
    base = alt.Chart(_rows(), height={"step": ROW_HEIGHT}, width="container")
    y = alt.Y("label:N", sort=None, title=None, axis=_rows_axis())
    color = alt.Color("state:N", legend=None, scale=alt.Scale(domain=list(STATES), range=list(STATE_COLOURS)))
    shape = alt.Shape("state:N", legend=None, scale=alt.Scale(domain=list(STATES), range=list(STATE_SHAPES)))
    tooltip = [
        alt.Tooltip("label:N", title=" "),
        alt.Tooltip("effect:N", title="Difference"),
        alt.Tooltip("interval:N", title="95\u202f% interval"),
        alt.Tooltip("mean:N", title="This side"),
        alt.Tooltip("rest:N", title="Compared with"),
        alt.Tooltip("n:N", title="Users"),
        alt.Tooltip("q:N", title="q"),
        alt.Tooltip("note:N", title="Note"),
    ]
    axis = alt.Axis(
        orient="top",
        labelExpr=label,
        labelOverlap="greedy",
        labelSeparation=8,
        values=alt.ExprRef("ticks"),
        domain=False,
        ticks=False,
        grid=True,
        labelFlush=True,
    )
    x = alt.X("value:Q", title=None, scale=scale, axis=axis)
    return alt.layer(
        base.mark_rule(clip=True, strokeWidth=2).encode(
            x=alt.X("lower:Q", title=None, scale=scale, axis=axis), x2="upper:Q", y=y, color=color
        ),
        base.mark_rule(color=INK, strokeWidth=1).encode(x=alt.datum(int(log))),
        base.transform_filter("datum.state != 'none'")
        .mark_point(clip=True, filled=True, size=90, opacity=1)
        .encode(x=x, y=y, color=color, shape=shape, tooltip=tooltip),
        base.transform_filter("datum.state == 'none'")
        .mark_point(clip=True, size=45, opacity=1, fill="white", strokeWidth=2)
        .encode(x=x, y=y, stroke=color, tooltip=tooltip),
    ).add_params(alt.param(name="low", value=0.5), alt.param(name="high", value=2.0), alt.param(name="ticks", value=[]))


def _profile() -> Layers:
    """Share in the segment beside the share in the rest."""
    base = alt.Chart(_rows(), height={"step": ROW_HEIGHT}, width="container")
    y = alt.Y("label:N", sort=None, title=None, axis=_rows_axis())
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(orient="top", labelExpr=PER_CENT, tickCount=5, domain=False, ticks=False, labelFlush=True),
    )
    tooltip = [
        alt.Tooltip("label:N", title=" "),
        alt.Tooltip("shareText:N", title="Segment"),
        alt.Tooltip("restText:N", title="Everybody else"),
    ]
    return alt.layer(
        base.mark_rule(strokeWidth=3, color="#c4cad2").encode(x=x, x2="rest:Q", y=y),
        base.mark_point(size=70, fill="white", stroke=GREY, strokeWidth=2, opacity=1).encode(x=alt.X("rest:Q"), y=y, tooltip=tooltip),
        base.mark_point(filled=True, size=90, color=BLUE, opacity=1).encode(x=x, y=y, tooltip=tooltip),
    )


def _attrition() -> Layers:
    """How many users are left after each criterion."""
    base = alt.Chart(_rows(), height={"step": 34}, width="container").encode(y=alt.Y("label:N", sort=None, title=None, axis=_rows_axis()))
    scale = alt.Scale(domain=[0, alt.ExprRef("most")])
    tooltip = [alt.Tooltip("label:N", title=" "), alt.Tooltip("text:N", title="Users left")]
    return alt.layer(
        base.mark_bar(color=BLUE, height=16, cornerRadiusEnd=2).encode(
            x=alt.X("users:Q", title=None, axis=None, scale=scale), tooltip=tooltip
        ),
        # Where the number is withheld there is no bar, but the word.
        base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(
            x=alt.X("end:Q", title=None, axis=None, scale=scale), text="text:N"
        ),
    ).add_params(alt.param(name="most", value=1))


def _transitions() -> Layers:
    """From the rows to the columns, as a share of the row."""
    base = alt.Chart(_rows(), height={"step": 46}, width="container").encode(
        x=alt.X(
            "to:N",
            sort=None,
            title=None,
            axis=alt.Axis(
                orient="bottom",
                labelAngle=0,
                ticks=False,
                domain=False,
                labelColor=INK,
                labelExpr="split(datum.label, ' ')",
                labelOverlap=False,
                labelPadding=6,
            ),
        ),
        y=alt.Y("from:N", sort=None, title=None, axis=_rows_axis()),
    )
    tooltip = [
        alt.Tooltip("from:N", title="From"),
        alt.Tooltip("to:N", title="To"),
        alt.Tooltip("text:N", title="Users"),
        alt.Tooltip("shareText:N", title="Share of those before"),
    ]
    return alt.layer(
        base.mark_rect(stroke="white", strokeWidth=2, invalid="show").encode(
            color=alt.condition(
                "!isValid(datum.share)",
                alt.value(WITHHELD),
                alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, 0.4, 1], range=RAMP, interpolate="rgb")),
            ),
            tooltip=tooltip,
        ),
        base.mark_text(fontSize=13).encode(
            text="text:N", color=alt.condition("datum.share > 0.5", alt.value("white"), alt.value(INK)), tooltip=tooltip
        ),
    )


def _overlap() -> alt.Chart:
    """How much of the row's segment is in the column's; the diagonal says nothing and is left blank."""
    return (
        alt.Chart(_rows(), height={"step": 22}, width="container")
        .mark_rect(stroke="white", strokeWidth=1, invalid="show")
        .encode(
            x=alt.X(
                "other:N",
                sort=None,
                title=None,
                axis=alt.Axis(orient="top", labelAngle=-60, ticks=False, domain=False, labelColor=INK, labelLimit=170, labelOverlap=False),
            ),
            y=alt.Y("label:N", sort=None, title=None, axis=_rows_axis(labelOverlap=False)),
            color=alt.condition(
                # First: otherwise a value that is withheld would get the color of 0.
                "!isValid(datum.value)",
                alt.value(WITHHELD),
                alt.Color("value:Q", legend=None, scale=alt.Scale(domain=[0, 40, 100], range=RAMP, interpolate="rgb")),
            ),
            opacity=alt.condition("datum.same", alt.value(0), alt.value(1)),
            tooltip=[
                alt.Tooltip("label:N", title="Segment"),
                alt.Tooltip("other:N", title="Also in"),
                alt.Tooltip("text:N", title="Value"),
                alt.Tooltip("both:N", title="Users in both"),
            ],
        )
    )


def _share_axis(field: str) -> alt.Y:
    """A share in per cent, from 0."""
    return alt.Y(field, title=None, scale=alt.Scale(domain=[0, alt.ExprRef("most")]), axis=alt.Axis(labelExpr=PER_CENT, tickCount=5))


def _retention() -> Layers:
    """Share of a cohort that came back, by weeks since; a young cohort's line ends where it is too early to say.

    rank: 0 the chosen cohort, 1 all users on the same date, 2 the segment on other dates.
    """
    base = alt.Chart(_rows(), height=300, width="container").encode(
        x=alt.X(
            "period:Q",
            title="Weeks after the cohort's date",
            axis=alt.Axis(tickMinStep=1, grid=False, format="d"),
            scale=alt.Scale(domain=[1, alt.ExprRef("weeks")], nice=False),
        )
    )
    y = _share_axis("share:Q")
    ranks = [0, 1, 2]

    def by_rank(values: list[Any]) -> dict[str, Any]:
        return {"field": "rank", "type": "ordinal", "legend": None, "scale": alt.Scale(domain=ranks, range=values)}

    tooltip = [
        alt.Tooltip("role:N", title=" "),
        alt.Tooltip("cohort:N", title="Cohort of"),
        alt.Tooltip("period:Q", title="Week"),
        alt.Tooltip("text:N", title="Came back"),
        alt.Tooltip("interval:N", title="95\u202f% interval"),
        alt.Tooltip("n:N", title="Users"),
    ]
    return alt.layer(
        base.transform_filter("datum.rank == 0").mark_area(opacity=0.15, color=BLUE).encode(y=_share_axis("lower:Q"), y2="upper:Q"),
        base.mark_line().encode(
            y=y,
            detail="cohort:N",
            color=alt.Color(**by_rank([BLUE, "#4a5260", "#c3cad3"])),
            strokeWidth=alt.StrokeWidth(**by_rank([2.5, 2, 1])),
            strokeDash=alt.StrokeDash(**by_rank([[1, 0], [5, 4], [1, 0]])),
            order=alt.Order("period:Q"),
        ),
        base.transform_filter("datum.rank == 0").mark_point(filled=True, size=50, color=BLUE, opacity=1).encode(y=y, tooltip=tooltip),
    ).add_params(alt.param(name="weeks", value=12), alt.param(name="most", value=100))
