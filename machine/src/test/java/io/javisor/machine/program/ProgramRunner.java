package io.javisor.machine.program;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.memory.GpaRange;
import io.javisor.testkit.guest.ProtectedModeStart;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs an image of programs to its end. */
final class ProgramRunner {
    private static final long RAM_SIZE = 8 << 20;
    private static final int DONE = 0x55;
    private static final long QEMU_SECONDS = 200;

    /** A program takes some milliseconds, on a slow and busy host a hundred times that. */
    private static final Duration PROGRAM_LIMIT = Duration.ofSeconds(20);

    private ProgramRunner() {}

    /** As a tiny guest. A program that does not end is an {@link AssertionError} that says where it is. */
    static List<ProgramOutcome> run(EngineProvider engine, ProgramImage image) throws InterruptedException {
        return run(engine, image, PROGRAM_LIMIT);
    }

    /** {@code limit} is a program's. */
    static List<ProgramOutcome> run(EngineProvider engine, ProgramImage image, Duration limit)
            throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine)
                .memory(new GpaRange(0, RAM_SIZE))
                .irqchip()
                .build()) {
            byte[] bytes = image.bytes();
            guest.memory().copyIn(bytes, 0, ProgramImage.LOAD_GPA, bytes.length);
            ProtectedModeStart.apply(guest.engineVcpu(0), image.entryGpa());
            guest.run();
            await(guest, image, limit);
            long report = guest.awaitReport();
            if (report != DONE) {
                throw new AssertionError("the harness reports " + report);
            }
            guest.pause();
            byte[] out = new byte[image.count() * ProgramImage.OUT_SIZE];
            guest.memory().copyOut(ProgramImage.OUT_GPA, out, 0, out.length);
            return split(out);
        }
    }

    private static void await(TinyGuest guest, ProgramImage image, Duration limit) throws InterruptedException {
        int begun = 0;
        long since = System.nanoTime();
        while (guest.pendingReports() == 0) {
            Thread.sleep(5);
            long now = System.nanoTime();
            int newest = guest.memory().getIntAcquire(ProgramImage.BEGUN_GPA);
            if (newest != begun) {
                begun = newest;
                since = now;
            } else if (now - since > limit.toNanos()) {
                guest.pause();
                String which = begun == 0
                        ? "the harness"
                        : "the program of seed " + image.seeds().get(begun - 1);
                throw new AssertionError(which + " does not end within " + limit.toMillis() + " ms: "
                        + describe(guest.engineVcpu(0).registers()));
            }
        }
    }

    private static String describe(CpuRegisters registers) {
        GeneralRegisters r = registers.general();
        SystemRegisters system = registers.system();
        return "cs:rip %x:%x, rflags %x, ss:rsp %x:%x, cr0 %x, cr2 %x, cr4 %x, "
                        .formatted(
                                system.cs().selector(),
                                r.rip(),
                                r.rflags(),
                                system.ss().selector(),
                                r.rsp(),
                                system.cr0(),
                                system.cr2(),
                                system.cr4())
                + "rax %x, rcx %x, rdx %x, rbx %x, rbp %x, rsi %x, rdi %x, r12 %x, r13 %x"
                        .formatted(r.rax(), r.rcx(), r.rdx(), r.rbx(), r.rbp(), r.rsi(), r.rdi(), r.r12(), r.r13());
    }

    /** By QEMU's TCG. {@code directory} is for its files. */
    static List<ProgramOutcome> runByQemu(Path directory, ProgramImage image) throws InterruptedException {
        HostTool.require("qemu-system-x86_64", "qemu-system-x86");
        Path kernel = directory.resolve("programs.bin");
        Path dump = directory.resolve("programs.out");
        Path log = directory.resolve("qemu.log");
        try {
            Files.write(kernel, image.bytesThatDump());
            Process process = new ProcessBuilder(
                            "qemu-system-x86_64",
                            "-nodefaults",
                            "-no-user-config",
                            "-display",
                            "none",
                            "-no-reboot",
                            "-accel",
                            "tcg",
                            "-cpu",
                            "max,vendor=GenuineIntel",
                            "-m",
                            "16",
                            "-device",
                            "isa-debug-exit,iobase=0xf4",
                            "-debugcon",
                            "file:" + dump,
                            "-kernel",
                            kernel.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            try {
                if (!process.waitFor(QEMU_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("QEMU does not end: " + Files.readString(log));
                }
            } finally {
                int _ = process.destroyForcibly().waitFor();
            }
            byte[] out = Files.readAllBytes(dump);
            int size = image.count() * ProgramImage.OUT_SIZE;
            if (out.length < size) {
                throw new AssertionError("QEMU wrote " + out.length + " bytes: " + Files.readString(log));
            }
            // The firmware may have written to that port before.
            return split(Arrays.copyOfRange(out, out.length - size, out.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ProgramOutcome> split(byte[] out) {
        List<ProgramOutcome> outcomes = new ArrayList<>();
        for (int at = 0; at < out.length; at += ProgramImage.OUT_SIZE) {
            outcomes.add(new ProgramOutcome(Arrays.copyOfRange(out, at, at + ProgramImage.OUT_SIZE)));
        }
        return outcomes;
    }
}
