"""Pages of tasks, notices and reports, among those of leads."""

from __future__ import annotations

from django.urls import URLPattern, path

from leads.views import notices, own_figures, reports, tasks, work

PAGES: list[URLPattern] = [
    path("work/", work.work, name="work"),
    path("tasks/new/", tasks.new_task, name="task_new"),
    path("tasks/<int:task_id>/", tasks.task, name="task"),
    *(
        path(f"tasks/<int:task_id>/{what}/", tasks.do, {"what": what}, name=f"task_{what}")
        for what in ("done", "cancel", "undo", "take", "postpone")
    ),
    path("<int:lead_id>/tasks/", work.tasks_of_lead, name="tasks_of_lead"),
    path("tasks/of/opportunity/<int:opportunity_id>/", work.tasks_of_opportunity, name="tasks_of_opportunity"),
    path("tasks/of/contact/<int:contact_id>/", work.tasks_of_contact, name="tasks_of_contact"),
    path("reports/", reports.report, name="reports"),
    path("reports/leads/", reports.report_leads, name="report_leads"),
    path("reports/own/", own_figures.own_figures, name="own_figures"),
    path("reports/own/list/", own_figures.own_rows, name="own_rows"),
    path("reports/table.csv", reports.report_file, name="report_file"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/count/", notices.count, name="notice_count"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/choices/", notices.choices, name="notice_choices"),
    path("notices/<int:notice_id>/", notices.open_notice, name="notice"),
    path("notices/<int:notice_id>/leads/", notices.notice_leads, name="notice_leads"),
]
