"""The drawings of leadcrm.lib as template tags."""

from __future__ import annotations

from django import template

from leadcrm.lib.charts import contribution_bars, count_bars, fullness, sparkline
from leadcrm.lib.histogram import course, histogram, small_histogram
from leadcrm.lib.plots import bars_per_day, bars_per_hour, columns
from leadcrm.lib.rate_lines import rate_lines
from leadcrm.lib.score_history import score_history
from leadcrm.lib.size_chart import size_chart
from leadcrm.lib.stacks import likely_bar, stacked_columns

register = template.Library()

register.simple_tag(sparkline)
register.simple_tag(bars_per_day)
register.simple_tag(bars_per_hour)
register.simple_tag(columns)
register.simple_tag(score_history)
register.simple_tag(contribution_bars)
register.simple_tag(count_bars)
register.simple_tag(fullness)
register.simple_tag(histogram)
register.simple_tag(small_histogram)
register.simple_tag(course)
register.simple_tag(size_chart)
register.simple_tag(stacked_columns)
register.simple_tag(likely_bar)
register.simple_tag(rate_lines)
