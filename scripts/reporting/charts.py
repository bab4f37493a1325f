"""The charts, as Vega-Lite specifications without data: the page puts in the rows that its selectors ask for.

Colours are Okabe and Ito's, which stay apart for colour-blind readers; what a colour says, a shape or a text says too.
"""

from __future__ import annotations

from typing import Any

import altair as alt

INK, MUTED, GRID = "#1c2430", "#566070", "#e3e6ea"
BLUE, VERMILLION, GREY, GREEN, ORANGE, SKY, PURPLE = (
    "#0072b2", "#d55e00", "#8a929c", "#00815c", "#e69f00", "#56b4e9", "#cc79a7"
)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
# Blue and vermillion are kept for better and worse.
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, "#5d3a9b", "#b8860b", GREY)
STATES = ("better", "worse", "different", "none")
ROW_HEIGHT = 24


def all_specs() -> dict[str, dict[str, Any]]:
    """Every chart by its name in the page."""
    charts = {
        "together": _together(share=False), "shares": _together(share=True), "line": _line(), "moves": _moves(), "forest": _forest(log=True), "differences": _forest(log=False),
        "profile": _profile(), "attrition": _attrition(), "transitions": _transitions(), "overlap": _overlap(),
        "retention": _retention(), "growth": _growth(),
    }
    return {name: _plain(chart) for name, chart in charts.items()}


def _rows() -> alt.NamedData:
    return alt.NamedData(name="rows")


def _plain(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The specification as the page embeds it: no link to a schema, one look for all."""
    spec = chart.configure(
        font=FONT, background="transparent", padding=2,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=MUTED, titleColor=MUTED, labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor=GRID,
            domainColor="#b5bcc5", tickColor="#b5bcc5",
        ),
        axisY=alt.AxisConfig(labelLimit=230),
        legend=alt.LegendConfig(
            labelColor=INK, labelFontSize=12, title=None, orient="top", symbolType="square", columns=6, symbolSize=110, labelLimit=170,
        ),
    ).to_dict(validate=True)
    spec.pop("$schema", None)
    return spec


def _date_axis(**more: Any) -> alt.X:
    return alt.X(
        "date:T", title=None, scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%b %y", labelOverlap=True, grid=False, tickCount={"interval": "month", "step": 2}, labelFlush=True), **more
    )


def _together(share: bool) -> alt.Chart:
    """Users of the primary segments over time; they hold everybody once, so they may be stacked."""
    return alt.Chart(_rows(), height=300, width="container").mark_area(line=False, opacity=0.92).encode(
        x=_date_axis(),
        y=alt.Y(
            "users:Q", title="Share of users" if share else "Users", stack="zero", scale=alt.Scale(domainMax=1) if share else alt.Undefined,
            axis=alt.Axis(tickCount=5, format="%" if share else ","),
        ),
        color=alt.Color("label:N", sort=None, scale=alt.Scale(range=list(SERIES))),
        order=alt.Order("order:Q"),
        tooltip=[alt.Tooltip("label:N", title="Segment"), alt.Tooltip("day:N", title="Date"), alt.Tooltip("text:N", title="Share" if share else "Users")],
    )


def _line() -> alt.LayerChart:
    """One number over time; the provisional newest date is a hollow point."""
    base = alt.Chart(_rows(), height=200, width="container").encode(
        x=_date_axis(), y=alt.Y("users:Q", title="Users", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=4)),
    )
    tooltip = [alt.Tooltip("day:N", title="Date"), alt.Tooltip("text:N", title="Users")]
    return alt.layer(
        base.mark_area(color=BLUE, opacity=0.1),
        base.mark_line(color=BLUE, strokeWidth=2),
        base.transform_filter("datum.provisional").mark_point(color=BLUE, fill="white", filled=True, stroke=BLUE, strokeWidth=2, size=60, opacity=1),
        base.mark_point(opacity=0, size=120).encode(tooltip=tooltip),
    )


def _moves() -> alt.LayerChart:
    """Who came (up) and who went (down) in each period."""
    base = alt.Chart(_rows(), height=180, width="container")
    return alt.layer(
        base.mark_bar(width={"band": 0.8}).encode(
            x=alt.X("date:T", title=None, timeUnit="utcyearmonthdate", axis=alt.Axis(format="%b %y", labelOverlap=True, grid=False, tickCount={"interval": "month", "step": 2}, labelFlush=True)),
            y=alt.Y("value:Q", title="Users", axis=alt.Axis(tickCount=5, labelExpr="replace(format(abs(datum.value), ','), '-', '')")),
            color=alt.Color("label:N", sort=None, scale=alt.Scale(range=[BLUE, ORANGE])),
            tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("day:N", title="Date"), alt.Tooltip("text:N", title="Users")],
        ),
        base.mark_rule(color=INK).encode(y=alt.datum(0)),
    )


def _forest(log: bool) -> alt.LayerChart:
    """One row per comparison: point and interval; filled where it can be told from chance, hollow grey where not."""
    low, high = alt.param(name="low", value=0.5), alt.param(name="high", value=2.0)
    ticks = alt.param(name="ticks", value=[])
    scale = alt.Scale(type="log" if log else "linear", domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"), nice=False, zero=False)
    label = (
        "datum.value == 1 ? 'no difference' : (datum.value > 1 ? '+' : '−') + format(abs(datum.value - 1) * 100, ',.0f') + '\u202f%'"
        if log else "datum.value == 0 ? 'no difference' : (datum.value > 0 ? '+' : '−') + format(abs(datum.value), ',~r')"
    )
    base = alt.Chart(_rows(), height={"step": ROW_HEIGHT}, width="container")
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelColor=INK))
    colour = alt.Color("state:N", legend=None, scale=alt.Scale(domain=list(STATES), range=[BLUE, VERMILLION, "#5d3a9b", GREY]))
    tooltip = [
        alt.Tooltip("label:N", title=" "), alt.Tooltip("effect:N", title="Difference"), alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("mean:N", title="Segment"), alt.Tooltip("rest:N", title="Compared with"), alt.Tooltip("n:N", title="Users"),
        alt.Tooltip("q:N", title="q"), alt.Tooltip("note:N", title="Note"),
    ]
    x = alt.X(
        "value:Q", title=None, scale=scale,
        axis=alt.Axis(orient="top", labelExpr=label, labelOverlap="greedy", values=alt.ExprRef("ticks"), domain=False, ticks=False, labelFlush=True),
    )
    shape = alt.Shape("state:N", legend=None, scale=alt.Scale(domain=list(STATES), range=["triangle-right", "triangle-left", "diamond", "circle"]))
    return alt.layer(
        base.mark_rule(color=INK, strokeWidth=1).encode(x=alt.datum(1 if log else 0)),
        base.mark_rule(clip=True, strokeWidth=2).encode(x=alt.X("lower:Q", scale=scale), x2="upper:Q", y=y, color=colour),
        base.mark_point(clip=True, filled=True, size=90, opacity=1).transform_filter("datum.state != 'none'").encode(x=x, y=y, color=colour, shape=shape, tooltip=tooltip),
        base.mark_point(clip=True, size=45, opacity=1, fill="white", strokeWidth=2).transform_filter("datum.state == 'none'").encode(x=x, y=y, color=colour, tooltip=tooltip),
    ).add_params(low, high, ticks)


def _profile() -> alt.LayerChart:
    """Share in the segment beside the share in the rest."""
    base = alt.Chart(_rows(), height={"step": ROW_HEIGHT}, width="container")
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelColor=INK))
    x = alt.X("share:Q", title=None, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(orient="top", labelExpr="datum.value + '\u202f%'", tickCount=5, domain=False, ticks=False))
    tooltip = [
        alt.Tooltip("label:N", title=" "), alt.Tooltip("shareText:N", title="Segment"), alt.Tooltip("restText:N", title="Everybody else"),
    ]
    return alt.layer(
        base.mark_rule(strokeWidth=3, color="#c4cad2").encode(x=x, x2="rest:Q", y=y),
        base.mark_point(filled=True, size=70, color="white", stroke=GREY, strokeWidth=2, opacity=1).encode(x=alt.X("rest:Q"), y=y, tooltip=tooltip),
        base.mark_point(filled=True, size=90, color=BLUE, opacity=1).encode(x=x, y=y, tooltip=tooltip),
    )


def _attrition() -> alt.LayerChart:
    """How many users are left after each criterion."""
    base = alt.Chart(_rows(), height={"step": 34}, width="container").encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelColor=INK)),
        x=alt.X("users:Q", title=None, axis=None, scale=alt.Scale(domainMin=0, domainMax=alt.ExprRef("most"))),
    )
    tooltip = [alt.Tooltip("label:N", title=" "), alt.Tooltip("text:N", title="Users left")]
    return alt.layer(
        base.mark_bar(color=BLUE, height=16, cornerRadiusEnd=2).encode(tooltip=tooltip),
        base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(text="text:N"),
    ).add_params(alt.param(name="most", value=1))


def _transitions() -> alt.LayerChart:
    """From the rows to the columns, as a share of the row."""
    base = alt.Chart(_rows(), height={"step": 46}, width="container").encode(
        x=alt.X("to:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelColor=INK, labelExpr="split(datum.label, ' ')", labelOverlap=False)),
        y=alt.Y("from:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelColor=INK)),
    )
    tooltip = [alt.Tooltip("from:N", title="From"), alt.Tooltip("to:N", title="To"), alt.Tooltip("text:N", title="Users"), alt.Tooltip("shareText:N", title="Share of those before")]
    return alt.layer(
        base.mark_rect(stroke="white", strokeWidth=2).encode(
            color=alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, 0.4, 1], range=["#eef4f9", "#7fb3d8", "#00497a"], interpolate="rgb")),
            tooltip=tooltip,
        ),
        base.mark_text(fontSize=13).encode(
            text="text:N", color=alt.condition("datum.share > 0.45", alt.value("white"), alt.value(INK)), tooltip=tooltip,
        ),
    )


def _overlap() -> alt.Chart:
    """How much of the row's segment is in the column's."""
    return alt.Chart(_rows(), height={"step": 22}, width="container").mark_rect(stroke="white", strokeWidth=1).encode(
        x=alt.X("other:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=-60, ticks=False, domain=False, labelColor=INK, labelLimit=170, labelOverlap=False)),
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelColor=INK, labelOverlap=False)),
        color=alt.condition(
            "isValid(datum.value)",
            alt.Color("value:Q", scale=alt.Scale(domain=[0, 40, 100], range=["#f1f5f9", "#7fb3d8", "#00497a"], interpolate="rgb"), legend=None),
            alt.value("#d9d9d9"),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Segment"), alt.Tooltip("other:N", title="Also in"), alt.Tooltip("text:N", title="Value"),
            alt.Tooltip("both:N", title="Users in both"),
        ],
    )


def _retention() -> alt.LayerChart:
    """Share of a cohort that came back, by weeks since; a young cohort's line ends where it is too early to say."""
    base = alt.Chart(_rows(), height=300, width="container").encode(
        x=alt.X("period:Q", title="Weeks after the cohort's date", axis=alt.Axis(tickMinStep=1, grid=False, format="d"), scale=alt.Scale(nice=False)),
    )
    colour = alt.Color("role:N", sort=None, scale=alt.Scale(range=[BLUE, "#6b7480", "#d2d7dd"]))
    y = alt.Y("share:Q", title=None, scale=alt.Scale(domainMin=0), axis=alt.Axis(labelExpr="datum.value + '\u202f%'", tickCount=5))
    tooltip = [
        alt.Tooltip("role:N", title=" "), alt.Tooltip("cohort:N", title="Cohort of"), alt.Tooltip("period:Q", title="Week"),
        alt.Tooltip("text:N", title="Came back"), alt.Tooltip("interval:N", title="95 % interval"), alt.Tooltip("n:N", title="Users"),
    ]
    return alt.layer(
        base.transform_filter("datum.rank == 2").mark_line(strokeWidth=1).encode(y=y, color=colour, detail="cohort:N"),
        base.transform_filter("datum.rank == 0").mark_area(opacity=0.15, color=BLUE).encode(y=alt.Y("lower:Q"), y2="upper:Q"),
        base.transform_filter("datum.rank == 1").mark_line(strokeWidth=2, strokeDash=[5, 3]).encode(y=y, color=colour),
        base.transform_filter("datum.rank == 0").mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=40)).encode(y=y, color=colour, tooltip=tooltip),
    )


def _growth() -> alt.LayerChart:
    """Why the number of active members changed: gains above the line, losses below, the net as a line."""
    base = alt.Chart(_rows(), height=300, width="container")
    x = alt.X("date:T", title=None, timeUnit="utcyearmonthdate", axis=alt.Axis(format="%b %y", labelOverlap=True, grid=False, tickCount={"interval": "month", "step": 2}, labelFlush=True))
    return alt.layer(
        base.mark_bar(width={"band": 0.8}).encode(
            x=x,
            y=alt.Y("value:Q", title="Active users gained and lost", stack="zero", axis=alt.Axis(tickCount=6, labelExpr="(datum.value < 0 ? '−' : '') + format(abs(datum.value), ',')")),
            color=alt.Color("label:N", sort=None, scale=alt.Scale(range=["#004c7a", "#3a94cc", "#a9d3ee", VERMILLION, "#f0a860"])),
            order=alt.Order("order:Q"),
            tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("day:N", title="Period to"), alt.Tooltip("text:N", title="Users")],
        ),
        base.mark_rule(color=INK).encode(y=alt.datum(0)),
    )
