"""The calls of the emulated Orchestrator, each in XML unless JSON is asked for (dossier aspera.md, section 4)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from tui.emulators.aspera import as_json, as_xml, cast
from tui.emulators.aspera.call import Call, Missing, Unclear
from tui.emulators.aspera.catalogue import Catalogue
from tui.emulators.aspera.login import Login, refused
from tui.emulators.aspera.orders import COMPLETE, SUB_WORKFLOW, AsperaOptions, Step, Variable, WorkOrder, step_state
from tui.emulators.roster import Roster
from tui.emulators.script import Run, Script
from tui.emulators.site import Surroundings

Answer = Callable[[Call], Awaitable[web.StreamResponse]]


class Calls:
    """Every call takes any method, as the vendor's does."""

    def __init__(
        self,
        around: Surroundings,
        orders: Roster[int, WorkOrder],
        maker: cast.Maker,
        login: Login,
        options: AsperaOptions,
    ) -> None:
        self._around = around
        self._time = around.time
        self._orders = orders
        self._maker = maker
        self._login = login
        self._options = options
        self._submitted = 0
        catalogue = Catalogue(self._time, orders, options)
        self._calls: dict[str, Answer] = {
            "workflows_list": catalogue.workflows,
            "workflows_status": catalogue.workflows,
            "workflow_details": catalogue.details,
            "workflow_inputs_spec": catalogue.inputs,
            "workflow_outputs_spec": catalogue.outputs,
            "monitor_snapshot": catalogue.monitor,
            "processes_status": catalogue.processes,
            "plugin_version": catalogue.plugins,
            "work_orders_list": self._list,
            "initiate": self._initiate,
            "work_order_status": self._order_status,
            "work_order_output": self._order_output,
            "work_order_cancel": self._order_cancel,
            "work_order_reset": self._order_reset,
            "work_step_status": self._step_status,
            "work_step_cancel": self._step_cancel,
            "workstep_reset": self._step_reset,
        }

    def routes(self, api: str) -> list[web.RouteDef]:
        """Its calls."""
        return [
            web.route("*", f"{api}/login", self._login.answer),
            web.route("*", f"{api}/remote_node_ping{{suffix:(\\.\\w+)?}}", self._ping),
            web.route("*", f"{api}/{{call}}", self._dispatch()),
            web.route("*", f"{api}/{{call}}/{{id}}", self._dispatch()),
        ]

    def _dispatch(self) -> Handler:
        async def dispatch(request: web.Request) -> web.StreamResponse:
            if not self._login.admits(request):
                return refused()
            call = Call.read(request, self._options.json_ways)
            answer = self._calls.get(call.name)
            if answer is None:
                return web.Response(status=404, text="ActionController::RoutingError (No route matches)")
            try:
                return await answer(call)
            except Missing as missing:
                return missing.response()
            except Unclear as unclear:
                return unclear.response()

        return dispatch

    async def _ping(self, request: web.Request) -> web.Response:
        version = {"orchestrator-version": "4.1.6"}
        info = as_xml.tag("orchestrator-version", "4.1.6")
        return Call.read(request, self._options.json_ways).reply(
            {"remote_orchestrator_info": version}, as_xml.tag("remote_orchestrator_info", info)
        )

    async def _list(self, call: Call) -> web.Response:
        found = [order for order in self._orders if order.workflow.id == call.number()]
        documents = [as_json.work_order(order, self._time, self._options) for order in found]
        inner = "".join(as_xml.tag("work_order", as_xml.tag("name", order.name), id=order.id) for order in found)
        return call.reply({"work_orders": documents}, as_xml.HEAD + as_xml.tag("work_orders", inner))

    async def _initiate(self, call: Call) -> web.Response:
        workflow_id, inputs = await _wishes(call)
        design = next((design for design in cast.WORKFLOWS if design.id == workflow_id), None)
        if design is None:
            raise Missing("Workflow", workflow_id)
        missing = [name for name in design.needs if not inputs.get(name)]
        if missing:
            detail = {"work_order": {"statusDetails": "missing run-time inputs"}, "missing_parameters": missing}
            return web.json_response(detail, status=400)
        self._submitted += 1
        rng = self._around.rng("aspera", "submitted", self._submitted)
        now = self._time.seconds()
        if design is cast.INGEST:
            order = self._maker.ingest(rng, Run(Script(now, 1.0, (4.0, 3.0, 2.0, 3.0))))
        else:
            order = self._maker.deliver(rng, Run(Script(now, 1.0, (4.0, 3.0))), 300_000)
        order = replace(order, name=call.query.get("work_order[name]", order.name))
        self._orders.add(order.id, order)
        return self._shown(call, order)

    async def _order_status(self, call: Call) -> web.Response:
        return self._shown(call, self._order(call.number()))

    async def _order_cancel(self, call: Call) -> web.Response:
        order = self._order(call.number())
        order.run.cancel(self._time.seconds())
        return self._shown(call, order)

    async def _order_reset(self, call: Call) -> web.Response:
        order = self._order(call.number())
        order.run.restart(self._time.seconds())
        return self._shown(call, order)

    async def _order_output(self, call: Call) -> web.Response:
        order = self._order(call.number())
        if not self._options.lists_outputs:
            raise Missing("Outputs of WorkOrder", order.id)
        wanted_step, wanted = call.query.get("step_name"), call.query.get("variable_name")
        found = [
            (step, output)
            for step in order.steps
            for output in self._outputs(order, step)
            if wanted_step in (None, step.name) and wanted in (None, output.name)
        ]
        listed = [{"step_name": step.name, **as_json.variable(output)} for step, output in found]
        return call.reply({"work_order_output": {"variable": listed}}, as_xml.order_output(order, found))

    async def _step_status(self, call: Call) -> web.Response:
        order, step = self._named_step(call) if call.id == "work_order" else self._step(call.number())
        state = step_state(order, step, order.run.beat(self._time.seconds()))
        if call.query.get("status_only") == "true":
            return call.reply({"status": state.word, "id": step.id}, as_xml.status_only(step, state))
        outputs = self._outputs(order, step)
        wanted = call.query.get("output_name")
        if wanted is None:
            document = as_json.step_status(order, step, state, outputs, self._time, self._options)
            return call.reply(document, as_xml.step_status(order, step, state, outputs, self._time))
        output = next((output for output in outputs if output.name == wanted), None)
        if output is None:
            raise Missing("Output", wanted)
        if call.suffix == "txt":
            return web.Response(text=as_xml.plain(output))
        bare = output.value if output.type == "hash" else as_json.variable(output)
        return call.reply(bare, as_xml.single_output(output))

    async def _step_cancel(self, call: Call) -> web.Response:
        order, step = self._step(call.number())
        order.run.cancel(self._time.seconds())
        return await self._step_status(call.about(step.id))

    async def _step_reset(self, call: Call) -> web.Response:
        order, step = self._step(call.number())
        order.run.restart(self._time.seconds(), order.steps.index(step))
        document = {"work_order": as_json.work_order(order, self._time, self._options)}
        return call.reply(document, as_xml.step_reset(order, self._time))

    def _shown(self, call: Call, order: WorkOrder) -> web.Response:
        document = {"work_order": as_json.work_order(order, self._time, self._options)}
        return call.reply(document, as_xml.work_order(order, self._time, self._options))

    def _order(self, number: int) -> WorkOrder:
        order = self._orders.find(number)
        if order is None:
            raise Missing("WorkOrder", number)
        return order

    def _step(self, number: int) -> tuple[WorkOrder, Step]:
        for order in self._orders:
            for step in order.steps:
                if step.id == number:
                    return order, step
        raise Missing("WorkStep", number)

    def _named_step(self, call: Call) -> tuple[WorkOrder, Step]:
        number, name = call.query.get("work_order_id", ""), call.query.get("step_name", "")
        order = self._order(int(number) if number.isdecimal() else 0)
        step = order.step(name)
        if step is None:
            raise Missing("WorkStep", name)
        return order, step

    def _outputs(self, order: WorkOrder, step: Step) -> list[Variable]:
        """A step's outputs: there once it is complete; the child that a step runs may be told before."""
        state = step_state(order, step, order.run.beat(self._time.seconds()))
        if state.word != COMPLETE:
            early = self._options.early_child and step.type == SUB_WORKFLOW and state.started is not None
            return list(step.outputs) if early else []
        about = {"step_id": str(step.step_id), "step_name": step.name, "step_status": state.word}
        information = Variable(step.id * 10 + 1, "Step_information", "hash", {"Step": about})
        return [*step.outputs, information]


async def _wishes(call: Call) -> tuple[int, dict[str, str]]:
    """Which workflow to start, with which inputs: from a JSON body, or from the query."""
    if call.id:
        found = {}
        for name, value in call.query.items():
            if name.startswith("external_parameters[") and name.endswith("]"):
                found[name[len("external_parameters[") : -1]] = value
        return call.number(), found
    try:
        body = json.loads(await call.body())
    except ValueError:
        raise Unclear from None
    given = body.get("external_parameters") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not str(body.get("workflow_id")).isdecimal():
        raise Unclear
    inputs = given if isinstance(given, dict) else {}
    return int(str(body["workflow_id"])), {str(name): str(value) for name, value in inputs.items()}
