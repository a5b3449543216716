"""What the emulated Orchestrator tells of itself and of its designs: read by consoles and by `ascli` (section 4)."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from tui.emulators.aspera import as_xml, cast
from tui.emulators.aspera.as_xml import HEAD, tag
from tui.emulators.aspera.call import Call, Missing
from tui.emulators.aspera.orders import AsperaOptions, Workflow, WorkOrder, order_state
from tui.emulators.roster import Roster
from tui.emulators.worldtime import WorldTime

_ROOT_ACTION = {"action": "status"}


class Catalogue:
    """The calls that change nothing and know no single work order."""

    def __init__(self, time: WorldTime, orders: Roster[int, WorkOrder], options: AsperaOptions) -> None:
        self._time = time
        self._orders = orders
        self._options = options

    async def workflows(self, call: Call) -> web.Response:
        """`workflows_list`, and `workflows_status` of all or of one."""
        wanted = [design for design in cast.WORKFLOWS if call.number() in (0, design.id)]
        listed = [
            {
                "id": str(design.id),
                "portable_id": design.portable_id,
                "name": design.name,
                "published_status": "Published",
                "published_revision_id": "3",
                "latest_revision_id": "3",
                "last_modification": self._now(),
            }
            for design in wanted
        ]
        inner = "".join(tag("workflow", tag("name", design.name), id=design.id) for design in wanted)
        return call.reply({"workflows": {"workflow": listed}}, HEAD + tag("workflows", inner))

    async def details(self, call: Call) -> web.Response:
        """`workflow_details`: how many work orders stand where; the count is text in JSON (section 5)."""
        design = self._design(call)
        counts: Counter[str] = Counter()
        for order in self._orders:
            if order.workflow is design:
                counts[order_state(order, order.run.beat(self._time.seconds()), self._options)[0]] += 1
        told = [
            {"count": str(count), "workflowName": design.name, "status": word, "last_activity": self._now()}
            for word, count in sorted(counts.items())
        ]
        document = {"workflows": {**_ROOT_ACTION, "workflow": {"id": str(design.id), "statuses": told}}}
        inner = "".join(
            tag("status", type=word, count=count, last_activity=self._now()) for word, count in sorted(counts.items())
        )
        workflow = tag("workflow", tag("statuses", inner), id=design.id, name=design.name)
        return call.reply(document, HEAD + tag("workflows", workflow, action="details"))

    async def inputs(self, call: Call) -> web.Response:
        """`workflow_inputs_spec`."""
        design = self._design(call)
        told = [
            {"id": str(number), "name": name, "value_type": "string", "optional": "false", "value": None}
            for number, name in enumerate(design.needs, 1)
        ]
        spec = {
            "workflow_id": str(design.id),
            "workflow_name": design.name,
            "time": self._now(),
            "action": "inputs_spec",
        }
        inner = "".join(tag("parameter", tag("name", one["name"] or "") + tag("value_type", "string")) for one in told)
        xml = HEAD + tag("workflow_inputs_spec", inner, workflow_id=design.id)
        return call.reply({"workflow_inputs_spec": {**spec, "parameter": told}}, xml)

    async def outputs(self, call: Call) -> web.Response:
        """`workflow_outputs_spec`; the workflow's id may stand in the query."""
        asked = call.query.get("workflow_id", "")
        design = self._design(call.about(int(asked)) if asked.isdecimal() else call)
        seen = {
            (step.name, output.name): output.type
            for order in self._orders
            if order.workflow is design
            for step in order.steps
            for output in step.outputs
        }
        told = [{"step_name": step, "variable_name": name, "value_type": kind} for (step, name), kind in seen.items()]
        inner = "".join(tag("context", "".join(tag(name, value) for name, value in one.items())) for one in told)
        xml = HEAD + tag("workflow_outputs_spec", inner, workflow_id=design.id)
        return call.reply({"workflow_outputs_spec": {"output": told}}, xml)

    async def monitor(self, call: Call) -> web.Response:
        """`monitor_snapshot`."""
        active = sum(1 for order in self._orders if not order.run.beat(self._time.seconds()).phase.is_over)
        return call.reply(
            {"monitor": {"time": self._now(), "active_work_orders": active}},
            HEAD + tag("monitor", tag("active_work_orders", str(active)), time=self._now()),
        )

    async def processes(self, call: Call) -> web.Response:  # noqa: ARG002  # XML whatever is asked for
        """`processes_status`: there is no JSON of it (section 3)."""
        names = ("engine", "monitor", "worker 1", "worker 2")
        inner = "".join(tag("process", tag("name", name) + tag("status", "running")) for name in names)
        return web.Response(text=HEAD + tag("processes", tag("node", inner)), content_type="application/xml")

    async def plugins(self, call: Call) -> web.Response:
        """`plugin_version`; its root has a capital letter."""
        told = [{"name": name, "version": "4.1.5"} for name in ("FaspTransfer", "FaspexDelivery", "SubWorkflow")]
        inner = "".join(tag("Plugin", tag("name", one["name"]) + tag("version", one["version"])) for one in told)
        return call.reply({"Plugin": told}, as_xml.HEAD + tag("Plugins", inner))

    def _design(self, call: Call) -> Workflow:
        design = next((design for design in cast.WORKFLOWS if design.id == call.number()), None)
        if design is None:
            raise Missing("Workflow", call.id)
        return design

    def _now(self) -> str:
        return f"{self._time.moment(self._time.seconds()):%Y-%m-%d %H:%M:%S}"
