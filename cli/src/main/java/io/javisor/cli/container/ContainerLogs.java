package io.javisor.cli.container;

import io.javisor.container.control.OutputSink;
import io.javisor.container.store.OutputKind;
import io.javisor.container.store.OutputLogReader;
import io.javisor.container.store.OutputRecord;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a container's first process wrote, to this process's standard output and error, each to its own.
 *
 * @param follow whether to go on until the container ends
 * @param since null for all
 * @param until null for all
 * @param tail how many records, the last ones; null for all
 * @param times whether each line begins with its time
 */
public record ContainerLogs(
        boolean follow,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Integer tail,
        boolean times) {
    private static final long POLL_MILLIS = 50;

    /**
     * Prints it.
     *
     * @return the exit status, 141 when nobody reads it any more
     * @throws ConfigException if it can't be read or written
     */
    public int print(Instance container) throws InterruptedException {
        Descriptor out = Descriptor.output(() -> {});
        Descriptor err = Descriptor.errors(() -> {});
        try {
            copy(container, out, err);
            return 0;
        } catch (IOException e) {
            if (out.isUnread() || err.isUnread()) {
                return Statuses.SIGNAL + Statuses.SIGPIPE;
            }
            String lost = out.failure() + err.failure(); // of one of them
            throw new ConfigException(
                    "the output of container '" + container.name() + "' can't be copied: "
                            + (lost.isEmpty() ? e.getMessage() : lost),
                    e);
        }
    }

    private void copy(Instance container, OutputSink out, OutputSink err) throws IOException, InterruptedException {
        try (OutputLogReader reader = OutputLogReader.open(container.entry().outputLog())) {
            if (tail != null) {
                reader.skipToTail(tail);
            }
            boolean more = print(reader, out, err);
            while (follow && (more || isLive(container))) {
                Thread.sleep(POLL_MILLIS);
                more = print(reader, out, err);
            }
            boolean _ = follow && print(reader, out, err);
        }
    }

    private boolean print(OutputLogReader reader, OutputSink out, OutputSink err) throws IOException {
        return reader.read(record -> {
            if (isWanted(record)) {
                OutputSink to = record.kind() == OutputKind.STDERR ? err : out;
                if (times) {
                    byte[] time = (record.time() + " ").getBytes(StandardCharsets.UTF_8);
                    to.write(time, time.length);
                }
                to.write(record.bytes(), record.bytes().length);
            }
        });
    }

    private boolean isWanted(OutputRecord record) {
        return (since == null || !record.time().isBefore(since))
                && (until == null || !record.time().isAfter(until));
    }

    private static boolean isLive(Instance container) {
        return !container.entry().isGone() && container.isLive();
    }
}
