package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.store.ImageStore;
import io.javisor.testkit.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several threads, each with a store of its own on the same directory: their locks are those of processes. */
class PullsAtOnceTest {
    private static final Reference NAME = Reference.parse("localhost:5000/box:1");

    @TempDir
    Path directory;

    private final TestImage image = TestImage.of(TestImage.tar("a", 100_000), TestImage.tar("b", 20_000));
    private final Descriptor layer = image.layers().getFirst();

    private ImageStore open() {
        return ImageStore.open(directory.resolve("images"));
    }

    private static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static PullResult pull(MemorySource source, ImageStore store, TransferListener listener) {
        return Pull.run(source, Optional.of(NAME), Platform.LINUX_AMD64, store, listener);
    }

    private MemorySource stopping(CountDownLatch begun, CountDownLatch goOn) {
        MemorySource source = new MemorySource(image);
        return source.giving((blob, sink) -> {
            if (blob.equals(layer)) {
                MemorySource.give(source.bytes(blob), sink, 1000);
                begun.countDown();
                Await.latch(goOn);
            }
            source.give(blob, sink);
        });
    }

    @Test
    void theSecondWaitsForABlobAndFindsItThere() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch waits = new CountDownLatch(1);
        Events events = new Events();
        MemorySource second = new MemorySource(image);
        try (ImageStore one = open();
                ImageStore other = open()) {
            FutureTask<PullResult> first = start(() -> pull(stopping(begun, goOn), one, TransferListener.NONE));
            Await.latch(begun);
            int[] told = {0};
            FutureTask<PullResult> waiting = start(() -> pull(second, other, event -> {
                events.told(event);
                // The first time it is its turn that has not come.
                if (event.blob().equals(layer) && event.stage() == Stage.WAITING && ++told[0] == 2) {
                    waits.countDown();
                }
            }));
            Await.latch(waits);
            goOn.countDown();
            assertEquals(
                    first.get().image().manifest().digest(),
                    waiting.get().image().manifest().digest());
        }
        assertEquals(List.of(Stage.WAITING, Stage.EXISTS), events.stages(layer.digest()));
        assertFalse(second.asked().contains(layer.digest().toString()), second.asked()::toString);
    }

    @Test
    void afterAFailureTheSecondGoesOnFromThere() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch waits = new CountDownLatch(1);
        MemorySource failing = new MemorySource(image);
        failing.giving((blob, sink) -> {
            if (blob.equals(layer)) {
                MemorySource.give(failing.bytes(blob), sink, 50_000);
                begun.countDown();
                Await.latch(goOn);
                throw new OciException("connection reset");
            }
            failing.give(blob, sink);
        });
        long[] from = {-1};
        MemorySource second = new MemorySource(image);
        second.giving((blob, sink) -> {
            if (blob.equals(layer)) {
                from[0] = sink.offset();
            }
            second.give(blob, sink);
        });
        try (ImageStore one = open();
                ImageStore other = open()) {
            FutureTask<OciException> first = start(() -> {
                try {
                    pull(failing, one, TransferListener.NONE);
                    throw new AssertionError("came through");
                } catch (OciException e) {
                    return e;
                }
            });
            Await.latch(begun);
            int[] told = {0};
            FutureTask<PullResult> waiting = start(() -> pull(second, other, event -> {
                if (event.blob().equals(layer) && event.stage() == Stage.WAITING && ++told[0] == 2) {
                    waits.countDown();
                }
            }));
            Await.latch(waits);
            goOn.countDown();
            assertEquals("connection reset", first.get().getMessage());
            assertFalse(waiting.get().upToDate());
        }
        assertEquals(50_000, from[0]);
    }

    /** Layers in different orders, and the same files from other blobs: nobody waits in a ring. */
    @Test
    void manyPullsOfImagesThatShareLayersAllEnd() throws Exception {
        List<byte[]> tars = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            tars.add(TestImage.tar("file" + i, 20_000));
        }
        List<FutureTask<PullResult>> tasks = new ArrayList<>();
        try (ImageStore store = open()) {
            for (int i = 0; i < 12; i++) {
                List<byte[]> order = new ArrayList<>(tars);
                Collections.rotate(order, i);
                TestImage.Packing packing = i < 6 ? TestImage.Packing.GZIP : TestImage.Packing.PLAIN;
                TestImage rotated = TestImage.of(TestImage.Format.OCI, packing, "amd64", order.toArray(byte[][]::new));
                Reference name = Reference.parse("box:" + i);
                tasks.add(start(() -> Pull.run(
                        new MemorySource(rotated),
                        Optional.of(name),
                        Platform.LINUX_AMD64,
                        store,
                        TransferListener.NONE)));
            }
            for (FutureTask<PullResult> task : tasks) {
                task.get();
            }
            assertEquals(12, store.images().size());
            store.images().forEach(store::rootFiles);
        }
    }

    @Test
    void whatIsPrunedMeanwhileIsNotThePulls() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (ImageStore one = open();
                ImageStore other = open()) {
            // The second layer and the configuration are there, of an image that goes in mid-pull.
            TestImage before = TestImage.of(TestImage.tar("b", 20_000));
            Pull.run(
                    new MemorySource(before),
                    Optional.of(Reference.parse("before")),
                    Platform.LINUX_AMD64,
                    other,
                    TransferListener.NONE);
            FutureTask<PullResult> pull = start(() -> pull(stopping(begun, goOn), one, TransferListener.NONE));
            Await.latch(begun);
            other.remove("before", false);
            other.prune(true);
            goOn.countDown();
            pull.get();
            other.prune(true);
            assertEquals(List.of(), other.images());
        }
    }

    @Test
    void prunesAndPullsInAnyOrderLeaveWholeImages() throws Exception {
        try (ImageStore store = open()) {
            List<FutureTask<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(start(() -> {
                    for (int round = 0; round < 10; round++) {
                        pull(new MemorySource(image), store, TransferListener.NONE);
                    }
                    return true;
                }));
            }
            while (!tasks.stream().allMatch(FutureTask::isDone)) {
                store.prune(true);
            }
            for (FutureTask<Boolean> task : tasks) {
                assertTrue(task.get());
            }
            pull(new MemorySource(image), store, TransferListener.NONE);
            store.rootFiles(store.find(NAME.familiar()));
        }
    }
}
