package io.javisor.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.junit.AgentFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An agent that runs as a process of this host, in namespaces of its own, and is connected. Closing it ends all that it started. */
final class AgentHost implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(Await.TIMEOUT_SECONDS);

    private final Path root;
    private final Process process;
    private final AgentListener listener;
    private final Agent agent;

    private AgentHost(Path root, Process process, AgentListener listener, Agent agent) {
        this.root = root;
        this.process = process;
        this.listener = listener;
        this.agent = agent;
    }

    static AgentHost start(AgentFiles files, Path directory, String... options) throws IOException {
        Path socket = directory.resolve("vsock");
        AgentListener listener = AgentListener.open(socket);
        Process process = files.start(directory, options);
        try {
            return new AgentHost(files.root(), process, listener, listener.accept(LIMIT));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static ProcessFields.Builder command(String... arguments) {
        ProcessFields.Builder fields = ProcessFields.builder();
        for (String argument : arguments) {
            fields.argument(argument);
        }
        return fields;
    }

    static ProcessFields.Builder shell(String script) {
        return command("sh", "-c", script);
    }

    Agent agent() {
        return agent;
    }

    /** The container's first process, in the root file system of busybox. */
    AgentRun run(ProcessFields.Builder fields) {
        return AgentRun.of(() -> agent.start(fields.root(root.toString()).build()));
    }

    /** A further process. */
    AgentRun exec(ProcessFields.Builder fields) {
        return AgentRun.of(() -> agent.exec(fields.build()));
    }

    boolean isDown() {
        return down(Duration.ZERO);
    }

    private boolean down(Duration limit) {
        try {
            return agent.awaitDown(limit);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The agent has killed what was left, and has nothing more to say; it ends when the connection does. Gives its exit status. */
    int awaitDown() {
        assertTrue(down(LIMIT), "the agent went without its last word");
        return cut();
    }

    /** The connection is cut; gives the agent's exit status. */
    int cut() {
        agent.close();
        try {
            assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        listener.close();
        end(process);
    }

    /** By unshare's --kill-child all processes of its namespace end too. */
    static void end(Process process) {
        process.destroyForcibly();
        try {
            assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS), "the agent does not end");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
