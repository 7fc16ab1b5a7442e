package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.DotKernel;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@link StateChanges}, and that a {@link Machine} tells without its lock. */
@Timeout(60)
class StateChangesTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatWasEnteredIsToldInOrderAndOnce() {
        StateChanges changes = new StateChanges();
        List<Lifecycle> told = new ArrayList<>();
        changes.listener(told::add);
        changes.add(Lifecycle.RUNNING);
        changes.add(Lifecycle.PAUSED);
        changes.tell();
        changes.tell();
        changes.add(Lifecycle.STOPPED);
        changes.tell();
        assertEquals(List.of(Lifecycle.RUNNING, Lifecycle.PAUSED, Lifecycle.STOPPED), told);
    }

    /** Else its end would be written down before the pause that came before it. */
    @Test
    void whoComesSecondWaitsForWhatTheFirstTells() throws Exception {
        StateChanges changes = new StateChanges();
        List<Lifecycle> told = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch isTelling = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        changes.listener(state -> {
            if (state == Lifecycle.PAUSED) {
                isTelling.countDown();
                await(mayEnd);
            }
            told.add(state);
        });
        changes.add(Lifecycle.PAUSED);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            CompletableFuture<Void> first = CompletableFuture.runAsync(changes::tell, threads);
            await(isTelling);
            AtomicReference<@Nullable Thread> waiting = new AtomicReference<>();
            CompletableFuture<List<Lifecycle>> second = CompletableFuture.supplyAsync(
                    () -> {
                        waiting.set(Thread.currentThread());
                        changes.add(Lifecycle.STOPPED);
                        changes.tell();
                        return List.copyOf(told);
                    },
                    threads);
            Await.until(() -> "the second waits", () -> second.isDone() || isBlocked(waiting.get()));
            mayEnd.countDown();
            assertEquals(List.of(Lifecycle.PAUSED, Lifecycle.STOPPED), second.get());
            assertEquals(null, first.get());
        }
    }

    private static boolean isBlocked(@Nullable Thread thread) {
        return thread != null && thread.getState() == Thread.State.BLOCKED;
    }

    /** Whoever is told may wait for a slow disk; the machine can be used meanwhile. */
    @MachineTest
    void theMachineIsNotLockedWhileSomebodyIsTold(EngineProvider engine) throws Exception {
        MachineConfig config = MachineConfig.builder(DotKernel.writeTo(directory))
                .accel(Accel.parse(engine.name()))
                .memoryBytes((long) DotKernel.MEMORY_MIB << 20)
                .serial(List.of(new SerialSink.Null()))
                .build();
        try (ExecutorService threads = Executors.newSingleThreadExecutor();
                Machine machine = Machine.create(config, Console.standard())) {
            List<Lifecycle> seen = Collections.synchronizedList(new ArrayList<>());
            machine.onStateChange(state -> {
                if (state != Lifecycle.STOPPED) {
                    seen.add(CompletableFuture.supplyAsync(machine::state, threads)
                            .join());
                }
            });
            machine.start();
            machine.pause();
            machine.resume();
            assertEquals(List.of(Lifecycle.RUNNING, Lifecycle.PAUSED, Lifecycle.RUNNING), seen);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
