package io.javisor.api.control;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.api.json.Json;
import io.javisor.api.json.JsonFields;
import io.javisor.api.metrics.PrometheusText;
import io.javisor.core.host.HostException;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.config.ConfigException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A machine's own verbs, under {@link #PREFIX}, as {@code docs/api.md} describes them. What is refused is answered as Firecracker's API does: an object
 * with a {@code fault_message}.
 */
public final class MachineRoutes implements Routes {
    /** What the path of every verb begins with. */
    public static final String PREFIX = "/javisor/v1/";

    /** How long {@code stopped} waits for the machine's end; its serial ports may need some seconds for their last output. */
    private static final long STOP_TIMEOUT_MILLIS = 20_000;

    private static final String DISKS = "disks/";
    private static final int MAX_SIGNAL = 64; // SIGRTMAX, signal(7)

    private final MachineControl control;

    public MachineRoutes(MachineControl control) {
        this.control = control;
    }

    @Override
    public Response handle(Request request) throws InterruptedException {
        if (!request.path().startsWith(PREFIX)) {
            throw unknown(request);
        }
        String verb = request.path().substring(PREFIX.length());
        return switch (verb) {
            case "machine" -> {
                requireGet(request);
                yield Json.response(MachineView.of(control));
            }
            case "statistics" -> {
                requireGet(request);
                yield Json.response(machine().statistics());
            }
            case "metrics" -> {
                requireGet(request);
                yield metrics();
            }
            case "state" -> {
                requireMethod(request, "PUT");
                yield state(body(request));
            }
            case "power-button" -> {
                requireMethod(request, "POST");
                if (request.hasBody()) {
                    body(request).end();
                }
                yield powerButton();
            }
            case "signal" -> {
                requireMethod(request, "POST");
                yield signal(body(request));
            }
            case "end" -> {
                requireMethod(request, "POST");
                if (request.hasBody()) {
                    body(request).end();
                }
                yield Json.response(Map.of("timeoutSeconds", control.askToEnd()));
            }
            case "balloon" -> {
                requireMethod(request, "PATCH");
                yield balloon(body(request));
            }
            default -> {
                if (!verb.startsWith(DISKS) || verb.length() == DISKS.length()) {
                    throw unknown(request);
                }
                requireMethod(request, "PATCH");
                yield disk(verb.substring(DISKS.length()), body(request));
            }
        };
    }

    private static Fault unknown(Request request) {
        return new Fault(Response.NOT_FOUND, "there is no " + request.path() + "; docs/api.md lists what there is");
    }

    private static void requireGet(Request request) {
        requireMethod(request, "GET");
        if (request.hasBody()) {
            throw Fault.badRequest("a GET request has no body");
        }
    }

    private static void requireMethod(Request request, String method) {
        if (!request.method().equals(method)) {
            throw new Fault(Response.METHOD_NOT_ALLOWED, request.path() + " takes " + method + " only");
        }
    }

    private static JsonFields body(Request request) {
        if (!request.hasBody()) {
            throw Fault.badRequest("the request lacks a body");
        }
        return Json.object("the request's body", request.body());
    }

    private Machine machine() {
        Machine machine = control.machine();
        if (machine == null) {
            throw conflict("not started yet");
        }
        return machine;
    }

    private Fault conflict(String state) {
        return new Fault(Response.CONFLICT, "machine " + control.name() + " is " + state);
    }

    private Response metrics() {
        Machine machine = control.machine();
        Instant started = control.startedAt();
        Duration uptime = started == null ? Duration.ZERO : Duration.between(started, Instant.now());
        return new Response(
                Response.OK,
                PrometheusText.CONTENT_TYPE,
                machine == null
                        ? PrometheusText.ofProcess(control.name())
                        : PrometheusText.of(control.name(), machine, uptime));
    }

    private Response state(JsonFields body) throws InterruptedException {
        String wanted = body.requireOneOf("state", List.of("running", "paused", "stopped"));
        body.end();
        Machine machine = machine();
        switch (wanted) {
            case "running" -> change(machine, Lifecycle.PAUSED, Machine::resume);
            case "paused" -> change(machine, Lifecycle.RUNNING, Machine::pause);
            default -> stop(machine);
        }
        return Json.response(Map.of("state", MachineView.state(machine)));
    }

    private interface Change {
        void apply(Machine machine) throws InterruptedException;
    }

    private void change(Machine machine, Lifecycle from, Change change) throws InterruptedException {
        requireState(machine, from);
        try {
            change.apply(machine);
        } catch (IllegalStateException e) {
            requireState(machine, from); // it may have ended meanwhile
            throw e;
        } catch (HostException e) {
            throw new Fault(
                    Response.INTERNAL_ERROR,
                    "machine " + control.name() + (from == Lifecycle.PAUSED ? " stays paused: " : " runs on: ")
                            + e.getMessage(),
                    e);
        }
    }

    private void requireState(Machine machine, Lifecycle required) {
        if (machine.state() != required) {
            throw conflict(MachineView.state(machine));
        }
    }

    private void stop(Machine machine) throws InterruptedException {
        if (machine.state() == Lifecycle.STOPPED) {
            throw conflict("stopped");
        }
        control.stop(machine);
        if (machine.await(STOP_TIMEOUT_MILLIS) == null) {
            throw new Fault(
                    Response.INTERNAL_ERROR,
                    "machine " + control.name() + " has not ended after " + STOP_TIMEOUT_MILLIS / 1000 + " s");
        }
    }

    private Response powerButton() {
        Machine machine = machine();
        if (machine.state() == Lifecycle.STOPPED) {
            throw conflict("stopped");
        }
        return Json.response(Map.of("listening", control.pressPowerButton(machine)));
    }

    private Response signal(JsonFields body) throws InterruptedException {
        int number = (int) body.requireNumber("signal", 1, MAX_SIGNAL);
        body.end();
        control.signal(number);
        return Json.response(Map.of("signal", number));
    }

    private record GrownDisk(String id, long sizeBytes) {}

    private Response disk(String id, JsonFields body) throws InterruptedException {
        long sizeBytes = body.requireNumber("sizeBytes", 1, Long.MAX_VALUE);
        body.end();
        Machine machine = machine();
        if (machine.state() == Lifecycle.STOPPED) {
            throw conflict("stopped");
        }
        boolean known = MachineView.of(control).disks().stream()
                .anyMatch(disk -> disk.id().equals(id));
        resize(machine, known, running -> running.disks().grow(id, sizeBytes));
        return Json.response(new GrownDisk(id, sizeBytes));
    }

    private record BalloonTarget(long sizeBytes) {}

    private Response balloon(JsonFields body) throws InterruptedException {
        long sizeBytes = body.requireNumber("sizeBytes", 0, Long.MAX_VALUE);
        body.end();
        Machine machine = machine();
        if (machine.state() == Lifecycle.STOPPED) {
            throw conflict("stopped");
        }
        resize(
                machine,
                machine.balloon().view() != null,
                running -> running.balloon().setSize(sizeBytes));
        return Json.response(new BalloonTarget(sizeBytes));
    }

    private void resize(Machine machine, boolean known, Change change) throws InterruptedException {
        try {
            change.apply(machine);
        } catch (ConfigException e) {
            throw new Fault(known ? Response.BAD_REQUEST : Response.NOT_FOUND, String.valueOf(e.getMessage()), e);
        } catch (IllegalStateException e) {
            if (machine.state() == Lifecycle.STOPPED) {
                throw conflict("stopped");
            }
            throw e;
        }
    }
}
