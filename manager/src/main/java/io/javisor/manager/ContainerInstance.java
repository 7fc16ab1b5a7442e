package io.javisor.manager;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.Control;
import io.javisor.manager.live.MachineSpawner;
import io.javisor.manager.live.Stop;
import io.javisor.manager.registry.MachineEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A container: it answers at the control socket of its machine, and is asked to end by a signal. */
record ContainerInstance(MachineEntry entry, MachineInstance machine) implements Instance {
    ContainerInstance(MachineEntry entry, MachineSpawner spawner) {
        this(entry, new MachineInstance(entry, spawner));
    }

    @Override
    public void requireLive() {
        machine.requireLive();
    }

    @Override
    public void start() {
        machine.start();
    }

    @Override
    public Optional<String> stop(@Nullable Duration timeout) throws InterruptedException {
        Stop.stopContainer(entry, timeout);
        return Optional.empty();
    }

    @Override
    public void kill() throws InterruptedException {
        machine.kill();
    }

    @Override
    public void signal(int number) throws InterruptedException {
        JsonNode _ = Control.ask(entry, "POST", "signal", Map.of("signal", number));
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        return machine.awaitEnd(timeout);
    }

    @Override
    public void pause() throws InterruptedException {
        machine.pause();
    }

    @Override
    public void resume() throws InterruptedException {
        machine.resume();
    }

    @Override
    public Path console(String port) {
        throw new ConfigException(
                "container '" + name() + "' has no console; to join its process: javisor attach " + name());
    }

    @Override
    public JsonNode description() throws InterruptedException {
        return machine.description();
    }

    @Override
    public JsonNode statistics() throws InterruptedException {
        return machine.statistics();
    }
}
