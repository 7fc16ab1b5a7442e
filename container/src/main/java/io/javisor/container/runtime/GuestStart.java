package io.javisor.container.runtime;

import io.javisor.agent.Agent;
import io.javisor.agent.AgentException;
import io.javisor.agent.AgentListener;
import io.javisor.container.store.WritableLayer;
import io.javisor.core.text.Printable;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.EngineChoice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A container's machine, made and booted, until its agent has come; and its end. */
final class GuestStart implements AutoCloseable {
    private static final int MAX_WORDS = 300;
    private static final int TAIL_BYTES = 64 << 10;

    private final ContainerSetup setup;
    private final AgentListener listener;
    private final Machine machine;
    private final boolean networked;
    private final long consoleStart;
    private volatile @Nullable Agent agent;

    private GuestStart(
            ContainerSetup setup, AgentListener listener, Machine machine, boolean networked, long consoleStart) {
        this.setup = setup;
        this.listener = listener;
        this.machine = machine;
        this.networked = networked;
        this.consoleStart = consoleStart;
    }

    /**
     * Makes the machine.
     *
     * @throws ConfigException in one line
     */
    static GuestStart of(ContainerSetup setup, Consumer<String> warnings) {
        if (setup.hasWritableDisk()) {
            WritableLayer.of(setup.cache()).make(setup.entry().writableDisk(), setup.isLasting());
        }
        AgentListener listener;
        try {
            listener = AgentListener.open(setup.entry().vsockSocket());
        } catch (AgentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
        try {
            EngineChoice engine = EngineChoice.of(GuestMachine.accel(setup.spec()));
            GuestSize size = GuestSize.of(
                    setup.spec(), Runtime.getRuntime().availableProcessors(), "software".equals(engine.engine()));
            long console = size(setup.entry().consoleLog());
            if (GuestMachine.isNetworked(setup.spec())) {
                try {
                    return made(setup, listener, GuestMachine.config(setup, size, true), console);
                } catch (ConfigException e) {
                    if (!setup.spec().network().published().isEmpty() || !isOfNetwork(e)) {
                        throw e;
                    }
                    warnings.accept(e.getMessage() + "; the container has no network");
                }
            }
            return made(setup, listener, GuestMachine.config(setup, size, false), console);
        } catch (RuntimeException | Error e) {
            listener.close();
            throw e;
        }
    }

    private static boolean isOfNetwork(ConfigException problem) {
        return String.valueOf(problem.getMessage()).startsWith("network: ");
    }

    private static GuestStart made(ContainerSetup setup, AgentListener listener, MachineConfig config, long console) {
        boolean networked = config.devices().stream().anyMatch(device -> device.config() instanceof NetConfig);
        return new GuestStart(setup, listener, Machine.create(config, Console.standard()), networked, console);
    }

    Machine machine() {
        return machine;
    }

    /** Whether it has a network card. */
    boolean isNetworked() {
        return networked;
    }

    /**
     * Starts the machine and waits for its agent.
     *
     * @throws AgentException in one line, if it does not come, for the machine has ended or it takes too long
     */
    Agent boot(Duration limit) throws InterruptedException {
        machine.start();
        // Whoever waits for the agent, or for what it has to say, is not to wait for one whose machine has gone.
        Thread _ = Thread.ofVirtual().name(setup.entry().name() + "/end").start(this::closeAtEnd);
        try {
            Agent connected = listener.accept(limit);
            agent = connected;
            return connected;
        } catch (AgentException e) {
            @Nullable Outcome outcome = machine.await(1);
            throw new AgentException(
                    ContainerEnd.FAILED,
                    outcome == null
                            ? "the container's machine does not answer: " + e.getMessage() + lastWords()
                            : "the container's machine ended before its process ran: " + why(outcome) + lastWords());
        }
    }

    private void closeAtEnd() {
        try {
            Outcome _ = machine.await();
            listener.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Lets the machine end, for its agent is done with it; pulls its plug if it does not. Returns why it ended.
     *
     * @param limitMillis how long it may take
     */
    String end(long limitMillis) throws InterruptedException {
        Agent connected = agent;
        if (connected != null) {
            connected.close();
        }
        @Nullable Outcome outcome = machine.await(limitMillis);
        if (outcome == null) {
            machine.powerOff();
            outcome = machine.await();
        }
        return "the container's machine ended before its process: " + why(outcome) + lastWords();
    }

    private static String why(Outcome outcome) {
        return switch (outcome) {
            case Outcome.PowerOff() -> "it was switched off";
            case Outcome.Stopped() -> "it was stopped";
            case Outcome.Reset(String cause) -> "it was reset (" + cause + ")";
            case Outcome.DebugExit(int code) -> "it exited with " + code;
            case Outcome.Panic() -> "its kernel panicked";
            case Outcome.EmulationFailure(String report) ->
                "its engine could not go on: "
                        + Printable.line(report.lines().findFirst().orElse(""));
            case Outcome.Failure(Throwable cause) -> "javisor failed: " + cause.getMessage();
        };
    }

    /** Of the console in this run, for one line; what a panic says first if there was one. */
    private String lastWords() {
        List<String> lines = consoleLines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            return "";
        }
        String words = lines.stream()
                .filter(line -> line.contains("Kernel panic") || line.contains("Out of memory"))
                .findFirst()
                .orElse(lines.getLast());
        String line = Printable.line(words.strip());
        return "; its console's last words: " + (line.length() > MAX_WORDS ? line.substring(0, MAX_WORDS) : line);
    }

    private Stream<String> consoleLines() {
        Path console = setup.entry().consoleLog();
        try (FileChannel file = FileChannel.open(console)) {
            long start = Math.max(file.size() < consoleStart ? 0 : consoleStart, file.size() - TAIL_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate((int) (file.size() - start));
            while (bytes.hasRemaining() && file.read(bytes, start + bytes.position()) > 0) {
                // goes on
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1).lines();
        } catch (IOException e) {
            return Stream.of();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Ends the machine if it runs. Idempotent. */
    @Override
    public void close() {
        try {
            machine.close();
        } finally {
            listener.close();
        }
    }
}
