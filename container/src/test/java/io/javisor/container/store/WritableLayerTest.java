package io.javisor.container.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritableLayerTest {
    @TempDir
    private Path directory = Path.of("");

    private Path script(String... lines) throws IOException {
        Path file = directory.resolve("fake-mke2fs");
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private Path cache() {
        return directory.resolve("cache");
    }

    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(cache().resolve("containers"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private static String said(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    private static String refusal(WritableLayer layer, Path disk) {
        return String.valueOf(assertThrows(ConfigException.class, () -> layer.make(disk, true))
                .getMessage());
    }

    @Test
    void aDiskIsAFileSystemThatTakesNextToNothing() throws IOException, InterruptedException {
        Path program = WritableLayer.find("").orElseThrow(() -> new IllegalStateException("install e2fsprogs"));
        WritableLayer layer = WritableLayer.of(cache(), program.toString());
        for (boolean lasting : new boolean[] {true, false}) {
            Path disk = directory.resolve("upper-" + lasting);
            layer.make(disk, lasting);
            assertEquals(WritableLayer.SIZE_BYTES, Files.size(disk));
            assertTrue(SparseFile.dataBytes(disk) < 1 << 20, () -> disk + " is too large");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(disk)));
            String _ = said(List.of(program.resolveSibling("e2fsck").toString(), "-fn", disk.toString()));
            String features = said(List.of(program.resolveSibling("dumpe2fs").toString(), disk.toString()));
            assertEquals(lasting, features.contains("has_journal"), features);
            assertTrue(features.contains("metadata_csum"), features);
            assertTrue(features.contains("ITABLE_ZEROED"), "the guest would write all tables of inodes");
        }
        assertEquals(2, kept().size(), "a template each: " + kept());
    }

    @Test
    void theProgramIsAskedOnceForEachKind() throws IOException {
        Path calls = directory.resolve("calls");
        Path program = script("echo called >> " + calls, "exit 0");
        WritableLayer layer = WritableLayer.of(cache(), program.toString());
        for (int i = 0; i < 5; i++) {
            layer.make(directory.resolve("lasting-" + i), true);
            layer.make(directory.resolve("passing-" + i), false);
        }
        assertEquals(2, Files.readAllLines(calls).size());
    }

    @Test
    void whatIsThereStays() throws IOException {
        Path disk = directory.resolve("upper");
        Files.writeString(disk, "written before");
        WritableLayer.of(cache(), "/nowhere/mke2fs").make(disk, true);
        assertEquals("written before", Files.readString(disk));
    }

    @Test
    void whatAKilledProcessBeganIsMadeAnew() throws IOException {
        Path disk = directory.resolve("upper");
        Files.writeString(directory.resolve("upper.tmp"), "half");
        WritableLayer.of(cache(), script("exit 0").toString()).make(disk, true);
        assertEquals(WritableLayer.SIZE_BYTES, Files.size(disk));
        assertFalse(Files.exists(directory.resolve("upper.tmp")));
    }

    @Test
    void aTemplateThatWasCutIsMadeAnew() throws IOException {
        WritableLayer layer = WritableLayer.of(cache(), script("exit 0").toString());
        layer.make(directory.resolve("first"), true);
        Path template = cache().resolve("containers").resolve(kept().getFirst());
        Files.writeString(template, "cut");
        layer.make(directory.resolve("second"), true);
        assertEquals(WritableLayer.SIZE_BYTES, Files.size(directory.resolve("second")));
    }

    @Test
    void aMissingProgramIsSaidWithWhatToInstall() {
        Path disk = directory.resolve("upper");
        assertEquals(
                "a container's disk is made by mke2fs, which is not installed; run: sudo apt-get install e2fsprogs",
                refusal(WritableLayer.of(cache(), "/nowhere/mke2fs"), disk));
        assertFalse(Files.exists(disk));
    }

    @Test
    void aProgramThatFailsIsQuotedAndLeavesNothing() throws IOException {
        Path program = script("echo 'mke2fs: No space left on device while zeroing' >&2", "exit 1");
        String refusal = refusal(WritableLayer.of(cache(), program.toString()), directory.resolve("upper"));
        assertTrue(
                refusal.contains("can't be made: mke2fs ended with status 1: mke2fs: No space left on device while"
                        + " zeroing; make room there"),
                refusal);
        assertEquals(List.of(), kept());
    }

    @Test
    void aDirectoryThatCantBeWrittenIsSaid() throws IOException {
        Files.writeString(cache(), "a file");
        String refusal = refusal(WritableLayer.of(cache(), script("exit 0").toString()), directory.resolve("upper"));
        assertTrue(refusal.startsWith("the template of containers' disks, "), refusal);
        assertFalse(refusal.contains("\n"), refusal);
    }

    @Test
    void aContainersDirectoryThatHasGoneIsSaid() throws IOException {
        String refusal = refusal(
                WritableLayer.of(cache(), script("exit 0").toString()),
                directory.resolve("gone").resolve("upper"));
        assertTrue(refusal.startsWith("the disk of the container, "), refusal);
    }

    @Test
    void leftoversAreSweptWhenTheyAreOld() throws IOException {
        Path place = Files.createDirectories(cache().resolve("containers"));
        Path old = Files.writeString(place.resolve("upper-1.tmp"), "");
        Path young = Files.writeString(place.resolve("upper-2.tmp"), "");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(7200)));
        WritableLayer.of(cache(), script("exit 0").toString()).make(directory.resolve("upper"), true);
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young), "another process may be at it");
    }

    @Test
    void severalAtOnceGetAWholeOneEach() throws Exception {
        WritableLayer layer = WritableLayer.of(cache(), script("sleep 0.05").toString());
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Path>> all = Stream.iterate(0, i -> i < 8, i -> i + 1)
                    .<Callable<Path>>map(i -> () -> {
                        Path disk = directory.resolve("upper-" + i);
                        layer.make(disk, i % 2 == 0);
                        return disk;
                    })
                    .toList();
            for (Future<Path> disk : threads.invokeAll(all)) {
                assertEquals(WritableLayer.SIZE_BYTES, Files.size(disk.get()));
            }
        }
        assertEquals(2, kept().size(), kept().toString());
    }

    @Test
    void theProgramIsFoundWhereRootHasIt() throws IOException {
        Path own = Files.createDirectory(directory.resolve("bin"));
        Path program = Files.writeString(own.resolve("mke2fs"), "");
        assertEquals(Optional.of(Path.of("/usr/sbin/mke2fs")), WritableLayer.find(own + "::relative"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        assertEquals(Optional.of(program), WritableLayer.find("/nowhere:" + own));
        assertEquals(Optional.of(Path.of("/usr/sbin/mke2fs")), WritableLayer.find(null));
    }
}
