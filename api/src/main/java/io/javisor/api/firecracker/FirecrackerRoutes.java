package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.api.json.Json;
import io.javisor.api.json.JsonFields;
import io.javisor.machine.config.BalloonConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's API, version 1.17, as its {@code src/firecracker/swagger/firecracker.yaml} publishes it. What each operation does here is in
 * {@code docs/api-coverage.md}. What is refused is answered with 400, as there, and an object with a {@code fault_message}.
 */
public final class FirecrackerRoutes implements Routes {
    private final MicroVm vm;
    private final ApiCounters counters = new ApiCounters();

    public FirecrackerRoutes(MicroVm vm) {
        this.vm = vm;
    }

    @Override
    public synchronized Response handle(Request request) throws InterruptedException {
        String name = request.method() + " " + request.path();
        ApiLog.Level level = ApiLog.Level.INFO;
        String outcome = "done";
        try {
            return counted(request);
        } catch (Fault fault) {
            level = ApiLog.Level.ERROR;
            outcome = String.valueOf(fault.getMessage());
            throw fault;
        } finally {
            vm.log().log(level, name + ": " + outcome);
        }
    }

    private Response counted(Request request) throws InterruptedException {
        Path path = Path.of(request.path());
        String counter = counter(path.first);
        boolean success = false;
        try {
            Response response = route(request, path);
            success = true;
            return response;
        } finally {
            if (counter != null && List.of("GET", "PUT", "PATCH").contains(request.method())) {
                String group = request.method().toLowerCase(Locale.ROOT) + "_api_requests";
                counters.count(group, counter, success);
            }
        }
    }

    /** Firecracker's name in its metrics; null for what it does not count. */
    private static @Nullable String counter(String first) {
        return switch (first) {
            case "" -> "instance_info";
            case "version" -> "vmm_version";
            case "actions" -> "actions";
            case "boot-source" -> "boot_source";
            case "drives" -> "drive";
            case "logger" -> "logger";
            case "machine-config" -> "machine_cfg";
            case "metrics" -> "metrics";
            case "network-interfaces" -> "network";
            case "vsock" -> "vsock";
            default -> null;
        };
    }

    /** A path's parts: slashes at the begin and the end don't count. */
    private record Path(String first, @Nullable String second, boolean more) {
        static Path of(String text) {
            String[] parts = text.replaceAll("^/+", "").replaceAll("/+$", "").split("/", 3);
            return new Path(parts[0], parts.length > 1 ? parts[1] : null, parts.length > 2);
        }
    }

    private Response route(Request request, Path path) throws InterruptedException {
        String missing = UnsupportedDevices.missing(request.method(), request.path());
        if (missing != null) {
            throw Fault.badRequest(
                    request.method() + " " + request.path() + " is not supported: javisor has " + missing);
        }
        if (path.more) {
            throw unknown(request);
        }
        return switch (request.method()) {
            case "GET" -> get(request, path);
            case "PUT" -> put(request, path);
            case "PATCH" -> patch(request, path);
            default -> throw unknown(request);
        };
    }

    private static Fault unknown(Request request) {
        return Fault.badRequest("invalid request method and/or path: " + request.method() + " " + request.path());
    }

    private static JsonFields body(Request request) {
        if (!request.hasBody()) {
            throw Fault.badRequest("empty " + request.method() + " request");
        }
        return Json.object("the request's body", request.body());
    }

    private Response get(Request request, Path path) {
        if (request.hasBody()) {
            throw Fault.badRequest("a GET request has no body");
        }
        if (path.second != null) {
            if (path.first.equals("vm") && path.second.equals("config")) {
                return Json.response(config());
            }
            if (path.first.equals("balloon") && path.second.equals("statistics")) {
                return Json.response(Balloon.statistics(vm.balloonStatistics()));
            }
            throw unknown(request);
        }
        return switch (path.first) {
            case "" -> Json.response(info());
            case "balloon" -> Json.response(vm.resources().requireBalloon().view());
            case "version" -> Json.response(Map.of("firecracker_version", vm.version()));
            case "machine-config" -> Json.response(vm.resources().size().view());
            default -> throw unknown(request);
        };
    }

    private Map<String, Object> info() {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("id", vm.name());
        info.put("state", vm.state());
        info.put("vmm_version", vm.version());
        info.put("app_name", "javisor");
        return info;
    }

    private Map<String, @Nullable Object> config() {
        Map<String, @Nullable Object> config = vm.resources().view();
        String metrics = vm.metricsPath();
        config.put("logger", vm.log().view());
        config.put("metrics", metrics == null ? null : Map.of("metrics_path", metrics));
        return config;
    }

    private Response put(Request request, Path path) {
        if (path.second != null) {
            JsonFields body = body(request);
            switch (path.first) {
                case "drives" -> {
                    vm.requireNotStarted("PUT /drives");
                    vm.resources().putDrive(path.second, body);
                }
                case "network-interfaces" -> {
                    vm.requireNotStarted("PUT /network-interfaces");
                    vm.resources().putNetworkInterface(path.second, body);
                }
                default -> throw unknown(request);
            }
            return Response.noContent();
        }
        if (!PUTS.contains(path.first)) {
            throw unknown(request);
        }
        JsonFields body = body(request);
        switch (path.first) {
            case "actions" -> act(body);
            case "logger" -> vm.log().configure(body);
            case "metrics" -> openMetrics(body);
            default -> {
                vm.requireNotStarted("PUT /" + path.first);
                describe(path.first, body);
            }
        }
        return Response.noContent();
    }

    private static final List<String> PUTS =
            List.of("actions", "balloon", "boot-source", "entropy", "logger", "machine-config", "metrics", "vsock");

    private void describe(String what, JsonFields body) {
        switch (what) {
            case "balloon" -> vm.resources().putBalloon(body);
            case "boot-source" -> vm.resources().putBootSource(body);
            case "entropy" -> vm.resources().putEntropy(body);
            case "vsock" -> vm.resources().putVsock(body);
            default -> vm.resources().putMachineConfig(body);
        }
    }

    private void act(JsonFields body) {
        String action = body.requireOneOf("action_type", List.of("FlushMetrics", "InstanceStart", "SendCtrlAltDel"));
        body.end();
        switch (action) {
            case "FlushMetrics" -> vm.flushMetrics();
            case "InstanceStart" -> vm.start();
            default -> vm.sendCtrlAltDel();
        }
    }

    private void openMetrics(JsonFields body) {
        String path = body.requireString("metrics_path");
        body.end();
        vm.openMetrics(path, counters);
    }

    private Response patch(Request request, Path path) throws InterruptedException {
        switch (path.first + (path.second == null ? "" : "/")) {
            case "machine-config" -> {
                JsonFields body = body(request);
                vm.requireNotStarted("PATCH /machine-config");
                if (body.isEmpty()) {
                    throw Fault.badRequest("empty PATCH request");
                }
                vm.resources().patchMachineConfig(body);
            }
            case "vm" -> {
                JsonFields body = body(request);
                String state = body.requireOneOf("state", List.of("Paused", "Resumed"));
                body.end();
                if (state.equals("Paused")) {
                    vm.pause();
                } else {
                    vm.resume();
                }
            }
            case "balloon" -> {
                JsonFields body = body(request);
                long amount = Balloon.amount(body);
                body.end();
                vm.patchBalloon(amount);
            }
            case "balloon/" -> {
                if (!"statistics".equals(path.second)) {
                    throw unknown(request);
                }
                JsonFields body = body(request);
                long seconds = body.requireNumber("stats_polling_interval_s", 0, BalloonConfig.MAX_STATISTICS_SECONDS);
                body.end();
                vm.patchBalloonStatistics((int) seconds);
            }
            case "drives/" -> patchDrive(String.valueOf(path.second), body(request));
            case "network-interfaces/" -> {
                JsonFields _ = body(request);
                throw Fault.badRequest(
                        "PATCH /network-interfaces is not supported: javisor's cards have no rate limits");
            }
            default -> throw unknown(request);
        }
        return Response.noContent();
    }

    private void patchDrive(String id, JsonFields body) throws InterruptedException {
        VmResources.requireId("drive_id", body.requireString("drive_id"), id);
        String path = body.string("path_on_host");
        if (body.has("rate_limiter")) {
            throw Fault.badRequest("another \"rate_limiter\" is not supported: a drive keeps its limits while it runs");
        }
        body.end();
        vm.patchDrive(id, path);
    }

    /**
     * Describes the machine as a configuration file does, in Firecracker's form, and starts it. Requests wait.
     *
     * @throws Fault if it is none, or the machine can't be started
     */
    synchronized void configure(JsonFields file) {
        JsonFields logger = file.object("logger");
        if (logger != null) {
            vm.log().configure(logger);
        }
        JsonFields metrics = file.object("metrics");
        if (metrics != null) {
            openMetrics(metrics);
        }
        JsonFields size = file.object("machine-config");
        if (size != null) {
            vm.resources().putMachineConfig(size);
        }
        JsonFields source = file.object("boot-source");
        if (source == null) {
            throw Fault.badRequest("the file lacks \"boot-source\"");
        }
        vm.resources().putBootSource(source);
        file.objects("drives").forEach(drive -> vm.resources().putDrive(null, drive));
        file.objects("network-interfaces").forEach(card -> vm.resources().putNetworkInterface(null, card));
        JsonFields entropy = file.object("entropy");
        if (entropy != null) {
            vm.resources().putEntropy(entropy);
        }
        JsonFields balloon = file.object("balloon");
        if (balloon != null) {
            vm.resources().putBalloon(balloon);
        }
        JsonFields vsock = file.hasContents("vsock") ? file.object("vsock") : null;
        if (vsock != null) {
            vm.resources().putVsock(vsock);
        }
        UnsupportedDevices.refuse(file);
        file.end();
        vm.start();
    }
}
