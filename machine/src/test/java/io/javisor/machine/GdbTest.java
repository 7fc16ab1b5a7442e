package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.GdbConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.HostTool;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Debian's gdb and a machine of two vCPUs, by every engine. */
class GdbTest {
    /** The first vCPU starts the second, waits for it, and exits with 7 when somebody sets a byte. */
    private static final String KERNEL = """
        200000: bb 00 00 e0 fe                ; mov $0xfee00000,%ebx
        200005: 48 8d 35 75 00 00 00          ; lea 0x75(%rip),%rsi
        20000c: bf 00 80 01 00                ; mov $0x18000,%edi
        200011: b9 0c 00 00 00                ; mov $0xc,%ecx
        200016: f3 a4                         ; rep movsb %ds:(%rsi),%es:(%rdi)
        200018: c7 83 f0 00 00 00 ff 01 00 00 ; movl $0x1ff,0xf0(%rbx)
        200022: c7 83 10 03 00 00 00 00 00 01 ; movl $0x1000000,0x310(%rbx)
        20002c: c7 83 00 03 00 00 00 45 00 00 ; movl $0x4500,0x300(%rbx)
        200036: c7 83 00 03 00 00 18 46 00 00 ; movl $0x4618,0x300(%rbx)
        200040: f3 90                         ; pause
        200042: 66 83 3c 25 00 90 01 00 00    ; cmpw $0x0,0x19000
        20004b: 74 f3                         ; je 200040
        20004d: 0f 20 e0                      ; mov %cr4,%rax
        200050: 0d 00 02 00 00                ; or $0x200,%eax # OSFXSR
        200055: 0f 22 e0                      ; mov %rax,%cr4
        200058: 48 b8 88 77 66 55 44 33 22 11 ; movabs $0x1122334455667788,%rax
        200062: 48 ff c0                      ; inc %rax
        200065: 0f 10 04 25 00 00 20 00       ; movups 0x200000,%xmm0
        20006d: 90                            ; nop
        20006e: f3 90                         ; pause
        200070: 80 3c 25 08 90 01 00 00       ; cmpb $0x0,0x19008
        200078: 74 f4                         ; je 20006e
        20007a: b0 07                         ; mov $0x7,%al
        20007c: e6 f4                         ; out %al,$0xf4
        20007e: f4                            ; hlt
        20007f: eb fd                         ; jmp 20007e
        200081: 8c c8                         ; mov %cs,%ax # copied to 0x18000, and run there in real mode
        200083: 8e d8                         ; mov %ax,%ds
        200085: f0 ff 06 00 10                ; lock incw 0x1000
        20008a: 90                            ; nop # 0x18009
        20008b: eb f8                         ; jmp 200085
        """;

    @TempDir
    private Path directory;

    @BeforeEach
    void needGdb() {
        HostTool.require("gdb", "gdb");
    }

    private Machine create(EngineProvider engine, boolean waits) throws Exception {
        int[] code = KERNEL.lines()
                .map(line ->
                        line.substring(line.indexOf(':') + 1, line.indexOf(';')).strip())
                .flatMap(bytes -> Arrays.stream(bytes.split(" ")))
                .mapToInt(digits -> Integer.parseInt(digits, 16))
                .toArray();
        return Machine.create(
                MachineConfig.builder(CodeKernel.writeTo(directory, code))
                        .name("debugged")
                        .accel(Accel.parse(engine.name()))
                        .memoryBytes(4 << 20)
                        .cpus(2)
                        .serial(List.of())
                        .restartOnReset(false)
                        .debug(debug -> debug.withGdb(new GdbConfig(new GdbConfig.Endpoint.Unix(socket()), waits)))
                        .build(),
                Console.standard());
    }

    private Path socket() {
        return directory.resolve("gdb.sock");
    }

    /** Runs gdb with commands, after it has connected; gives what it printed. */
    private String gdb(String commands) {
        return HostTool.run(
                directory,
                "set pagination off\nset confirm off\nset remotetimeout 60\ntarget remote " + socket() + "\n"
                        + commands,
                "gdb",
                "-nx",
                "-q",
                "-batch",
                "-x",
                "tool.in");
    }

    private static void assertPrinted(String output, String... texts) {
        int at = 0;
        for (String text : texts) {
            int found = output.indexOf(text, at);
            assertTrue(found >= 0, text + " is not behind character " + at + " of:\n" + output);
            at = found + text.length();
        }
    }

    @MachineTest
    void aGuestIsDebuggedFromItsFirstInstruction(EngineProvider engine) throws Exception {
        try (Machine machine = create(engine, true)) {
            machine.start();
            String output = gdb("""
                info threads
                printf "begin %lx %lx\\n", $rip, $efer
                x/5xb $rip
                break *0x200062
                continue
                printf "break %lx %lx\\n", $rip, $rax
                stepi
                printf "step %lx %lx\\n", $rip, $rax
                stepi
                printf "xmm %x\\n", $xmm0.v4_int32[0]
                set var $r13 = 0x1234
                delete
                hbreak *0x18009
                continue
                printf "thread %d at %lx with %x\\n", $_thread, $cs_base + $rip, *(unsigned short *) 0x19000 > 0
                delete
                thread 1
                printf "kept %lx\\n", $r13
                set var *(char *) 0x19008 = 1
                x/xb 0x19008
                continue
                """);
            assertPrinted(
                    output,
                    "Thread 1 (vCPU 0, runnable)",
                    "Thread 2 (vCPU 1, ",
                    "begin 200000 500",
                    "0xbb\\t0x00\\t0x00\\t0xe0\\t0xfe".translateEscapes(),
                    "break 200062 1122334455667788",
                    "step 200065 1122334455667789",
                    "xmm e00000bb",
                    "thread 2 at 18009 with 1",
                    "kept 1234",
                    "0x01",
                    "exited normally");
            assertEquals(new Outcome.DebugExit(7), machine.await());
        }
    }

    @MachineTest
    void aGuestThatRunsIsInterruptedLeftAndFoundAgain(EngineProvider engine) throws Exception {
        try (Machine machine = create(engine, false)) {
            machine.start();
            String first = gdb("""
                shell (sleep 1; kill -INT $PPID) &
                continue
                info threads
                printf "in the loop: %d\\n", $rip >= 0x200000 && $rip < 0x200080
                detach
                """);
            assertPrinted(first, "SIGINT", "Thread 1 (vCPU 0, runnable)", "Thread 2 (vCPU 1, ", "detached");
            assertEquals(Lifecycle.RUNNING, machine.state());
            String second = gdb("""
                set var *(char *) 0x19008 = 1
                detach
                """);
            assertPrinted(second, "detached");
            assertEquals(new Outcome.DebugExit(7), machine.await());
        }
    }

    @MachineTest
    void aDebuggerPullsThePlug(EngineProvider engine) throws Exception {
        try (Machine machine = create(engine, true)) {
            machine.start();
            assertPrinted(gdb("kill\n"), "killed");
            assertEquals(new Outcome.PowerOff(), machine.await());
        }
    }
}
