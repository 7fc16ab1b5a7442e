package io.javisor.api.firecracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.control.RootRoutes;
import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.testkit.guest.DotKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A microVM and its API, without a socket. */
abstract class FirecrackerFixture {
    static final String AFTER_START = "is not supported after the microVM has been started";

    @TempDir
    Path directory = Path.of("");

    private final NullConsole devNull = new NullConsole();
    Path kernel = Path.of("");
    Path disk = Path.of("");
    private @Nullable MicroVm vm;
    private @Nullable FirecrackerRoutes routes;

    @BeforeEach
    void makeFiles() throws IOException {
        kernel = DotKernel.writeTo(directory);
        disk = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
        use(new MicroVm("fc_1", "1.2.3", devNull.console()));
    }

    private void use(MicroVm made) {
        vm = made;
        routes = new FirecrackerRoutes(made);
    }

    /** Before the first request: the microVM runs by {@code engine}. */
    void useEngine(EngineProvider engine) {
        vm().close();
        use(new MicroVm("fc_1", "1.2.3", devNull.console(), Accel.parse(engine.name())));
    }

    @AfterEach
    void close() {
        vm().close();
        devNull.close();
    }

    MicroVm vm() {
        return Objects.requireNonNull(vm);
    }

    FirecrackerRoutes routes() {
        return Objects.requireNonNull(routes);
    }

    Response send(String method, String path, String body) throws InterruptedException {
        return new RootRoutes(vm(), routes()).handle(new Request(method, path, fill(body)));
    }

    /** With the files' names in the place of KERNEL, DISK and DIR. */
    String fill(String body) {
        return body.replace("KERNEL", kernel.toString())
                .replace("DISK", disk.toString())
                .replace("DIR", directory.toString());
    }

    void done(String method, String path, String body) throws InterruptedException {
        assertEquals(Response.noContent(), send(method, path, body));
    }

    void refused(String method, String path, String body, String reason) {
        Fault fault = assertThrows(Fault.class, () -> send(method, path, body), () -> method + path + body);
        assertEquals(400, fault.status());
        assertTrue(fault.toString().contains(reason), fault::toString);
        assertEquals(1, fault.toString().lines().count());
    }

    JsonNode get(String path) throws InterruptedException {
        return JsonMapper.shared().readTree(send("GET", path, "").body());
    }

    MachineConfig config() {
        return vm().resources().toConfig("fc_1");
    }

    void startTiny() throws InterruptedException {
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        done("PUT", "/machine-config", "{\"vcpu_count\":1,\"mem_size_mib\":" + DotKernel.MEMORY_MIB + "}");
        done("PUT", "/drives/d", "{\"drive_id\":\"d\",\"is_root_device\":false,\"path_on_host\":\"DISK\"}");
        done("PUT", "/actions", "{\"action_type\":\"InstanceStart\"}");
    }
}
