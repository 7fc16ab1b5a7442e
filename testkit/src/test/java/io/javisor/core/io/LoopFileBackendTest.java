package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done again, by an engine that says what it is told to say. */
class LoopFileBackendTest {
    /** Answers the requests with what is in {@link #answers}, in turn. */
    private static final class Scripted implements FileEngine {
        final ArrayDeque<Long> answers = new ArrayDeque<>();
        final ArrayDeque<Integer> queued = new ArrayDeque<>();

        @Nullable
        Owner owner;

        int released;

        Scripted(String script) {
            for (String answer : script.split(" ", -1)) {
                answers.add(Long.parseLong(answer));
            }
        }

        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public void queue(int slot) {
            queued.add(slot);
        }

        @Override
        public void submit() {
            Owner told = java.util.Objects.requireNonNull(owner);
            while (!queued.isEmpty()) {
                told.finished(queued.remove(), answers.remove());
            }
            told.settled();
        }

        @Override
        public void await(long timeoutNanos) {
            submit();
        }

        @Override
        public void release() {
            released++;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, 8",
        "-4 8, 8",
        "-4 -4 -4 0, 0",
        "-11 8, 8",
        "-11 -11, -11",
        "-11 -4 -4 -11, -11",
        "-4 -11 -4 -5, -5",
    })
    void interruptedRequestsAreRepeatedAndRefusedOnesOnce(String script, long result) {
        Scripted engine = new Scripted(script);
        try (FileRig rig = new FileRig(AsyncFiles.Engine.POOL);
                Fd file = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDWR, 0))) {
            FileRequests requests = new FileRequests(2);
            AsyncFileBackend backend = new LoopFileBackend(file, rig.loop, requests, rig.results::put, owner -> {
                engine.owner = owner;
                return engine;
            });
            assertEquals(result, rig.result(backend, each -> assertTrue(each.fdatasync(1))));
            assertTrue(engine.answers.isEmpty());
            assertEquals(0, requests.inFlight());
            engine.answers.add(-(long) Errno.EIO);
            assertEquals(-Errno.EIO, rig.result(backend, each -> assertTrue(each.fdatasync(1))));
            backend.close();
            backend.close();
            assertEquals(1, engine.released);
        }
    }
}
