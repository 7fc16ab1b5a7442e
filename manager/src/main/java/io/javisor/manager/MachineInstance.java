package io.javisor.manager;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.Control;
import io.javisor.manager.live.MachineSpawner;
import io.javisor.manager.live.Stop;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A machine, which answers at its control socket. */
record MachineInstance(MachineEntry entry, MachineSpawner spawner) implements Instance {
    /** How long a guest whose power button was pressed has to shut itself down. */
    private static final Duration SHUTDOWN = Duration.ofSeconds(30);

    @Override
    public void requireLive() {
        MachineStatus _ = Control.requireLive(entry);
    }

    @Override
    public void start() {
        spawner.start(entry);
    }

    @Override
    public Optional<String> stop(@Nullable Duration timeout) throws InterruptedException {
        return Stop.stop(entry, timeout == null ? SHUTDOWN : timeout);
    }

    @Override
    public void kill() throws InterruptedException {
        Stop.kill(entry);
    }

    @Override
    public void signal(int number) throws InterruptedException {
        JsonNode _ = Control.ask(entry, "POST", "signal", Map.of("signal", number));
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        return Stop.awaitEnd(entry, timeout);
    }

    @Override
    public void pause() throws InterruptedException {
        JsonNode _ = Control.ask(entry, "PUT", "state", Map.of("state", "paused"));
    }

    @Override
    public void resume() throws InterruptedException {
        JsonNode _ = Control.ask(entry, "PUT", "state", Map.of("state", "running"));
    }

    @Override
    public Path console(String port) {
        requireLive();
        Path socket = entry.consoleSocket(port);
        if (!port.matches("com[1-4]") || !Files.exists(socket)) {
            throw new ConfigException("machine '" + name() + "' has no serial port '" + port
                    + "'; its first is com1, and --serial gives it more");
        }
        return socket;
    }

    @Override
    public JsonNode description() throws InterruptedException {
        return Control.ask(entry, "GET", "machine", null);
    }

    @Override
    public JsonNode statistics() throws InterruptedException {
        return Control.ask(entry, "GET", "statistics", null);
    }
}
