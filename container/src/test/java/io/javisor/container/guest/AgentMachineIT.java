package io.javisor.container.guest;

import static io.javisor.container.guest.AgentMachine.command;
import static io.javisor.container.guest.AgentMachine.get;
import static io.javisor.container.guest.AgentMachine.shell;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.agent.AgentException;
import io.javisor.agent.AgentProcess;
import io.javisor.agent.ProcessExit;
import io.javisor.agent.ProcessFields;
import io.javisor.agent.Transfer;
import io.javisor.agent.TransferOption;
import io.javisor.container.guest.AgentMachine.Boot;
import io.javisor.container.guest.AgentMachine.Said;
import io.javisor.testkit.Await;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent as process 1 of a machine, with disks, vsock and control groups of the kernel's. Most cases share one machine. */
@Timeout(300)
class AgentMachineIT {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final int MEBI = 1 << 20;
    private static final long SMALL_MEMORY = 24L << 20;

    @TempDir
    private static Path directory = Path.of("");

    private static Boot boot = new Boot(Path.of(""), Path.of(""), Path.of(""));
    private static Path upper = Path.of("");
    private static AgentMachine machine;
    private static AgentProcess first;

    @BeforeAll
    static void start() throws Exception {
        boot = AgentMachine.files(directory);
        upper = AgentMachine.upper(directory);
        machine = AgentMachine.boot(boot, directory, upper, null);
        first = machine.agent()
                .start(shell("trap 'echo ending; exit 7' TERM; echo begun; while :; do sleep 1; done")
                        .lower("image")
                        .upper("upper")
                        .hostname("bottle")
                        .hosts("192.0.2.7\thostess\n")
                        .resolver("nameserver 192.0.2.1\n")
                        .processes(200)
                        .build());
    }

    /** What the container wrote, acknowledged or not, is on the disk when its machine is off; and the disk's file system is in order. */
    @AfterAll
    static void end() throws Exception {
        try (AgentMachine ending = machine) {
            String text = "no sync after this " + new Random(1).nextLong();
            assertEquals(
                    new Said(new ProcessExit(0, 0, false), "", ""),
                    ending.exec(shell("mkdir -p /kept/deep; echo " + text
                            + " >/kept/deep/last; dd if=/dev/urandom of=/kept/large bs=1M count=8 2>/dev/null; md5sum"
                            + " </kept/large >/kept/sum; rm /bin/yes; (trap '' TERM HUP; while :; do echo x"
                            + " >>/kept/busy; done) >/dev/null 2>&1 & for i in 1 2 3 4 5 6 7 8 9; do [ -e /kept/busy ]"
                            + " || sleep 1; done")));
            first.signal(SIGTERM, false);
            Said said = AgentMachine.said(first);
            // Its standard error may have the shell's word for a child that another test killed.
            assertEquals(new Said(new ProcessExit(7, 0, false), "begun\nending\n", said.err()), said);
            first.acknowledge();
            ending.awaitPowerOff();
            assertEquals(
                    "",
                    ending.console()
                            .lines()
                            .filter(line -> line.contains("agent"))
                            .toList()
                            .toString()
                            .replace("[]", ""));
            String _ = HostTool.run(directory, "", "e2fsck", "-fn", upper.toString());
            assertEquals(text, debugfs("cat /upper/kept/deep/last").strip());
            String _ = debugfs("dump /upper/kept/large " + directory.resolve("large"));
            String sum = HostTool.run(
                    directory, "", "md5sum", directory.resolve("large").toString());
            assertEquals(debugfs("cat /upper/kept/sum").substring(0, 32), sum.substring(0, 32));
            assertTrue(debugfs("stat /upper/bin/yes").contains("Type: character special"), "a whiteout");
        }
        theFilesOfOneThatEndedAreThere();
    }

    private static String debugfs(String request) {
        String said = HostTool.run(directory, "", "debugfs", "-R", request, upper.toString());
        return said.lines().filter(line -> !line.startsWith("debugfs ")).reduce("", (all, line) -> all + line + "\n");
    }

    /** As cp from a container that does not run has them. */
    private static void theFilesOfOneThatEndedAreThere() throws Exception {
        try (AgentMachine helper = AgentMachine.boot(boot, directory, upper, null)) {
            helper.agent()
                    .mount(ProcessFields.builder().lower("image").upper("upper").build());
            assertTrue(list(read(helper.agent().archive("/kept", "k"))).contains("k/deep/last\n"));
            String changes = new String(read(helper.agent().changes()), StandardCharsets.UTF_8).replace('\0', '\n');
            assertTrue(changes.contains("C/bin\nD/bin/yes\n"), changes);
            assertTrue(changes.contains("A/kept\nA/kept/busy\nA/kept/deep\nA/kept/deep/last\n"), changes);
            assertFalse(changes.contains("/proc") || changes.contains("/dev") || changes.contains("/etc"), changes);
            String layer = list(read(helper.agent().layer()));
            assertTrue(layer.contains("bin/\nbin/.wh.yes\n") && layer.contains("kept/deep/last\n"), layer);
        }
    }

    private static byte[] read(Transfer transfer) throws InterruptedException {
        try (transfer) {
            byte[] bytes = AgentMachine.bytes(transfer.channel());
            get(transfer.done());
            return bytes;
        }
    }

    private static String list(byte[] archive) throws IOException {
        Path file = Files.write(directory.resolve("got.tar"), archive);
        return HostTool.run(directory, "", "tar", "-tf", file.toString());
    }

    private static Said exec(ProcessFields.Builder fields) throws Exception {
        return machine.exec(fields);
    }

    private static String out(String script) throws Exception {
        Said said = exec(shell(script));
        assertEquals(new Said(new ProcessExit(0, 0, false), said.out(), ""), said);
        return said.out();
    }

    @Test
    void streamsAndStatusesAreApart() throws Exception {
        assertEquals(
                new Said(new ProcessExit(5, 0, false), "out\n", "err\n"),
                exec(shell("echo out; echo err >&2; exit 5")));
        assertEquals(new Said(new ProcessExit(137, SIGKILL, false), "", ""), exec(shell("kill -9 $$")));
    }

    @Test
    void whatCannotRunIsSaid() {
        Map<String, Integer> statuses = Map.of("nope", 127, "/etc", 126, "/etc/passwd", 126);
        statuses.forEach((command, status) -> assertEquals(
                status,
                assertThrows(AgentException.class, () -> exec(command(command))).status(),
                command));
        AgentException refusal =
                assertThrows(AgentException.class, () -> exec(command("id").user("nobody-at-all")));
        assertEquals("unable to find user nobody-at-all: no matching entries in passwd file", refusal.getMessage());
    }

    @Test
    void itsRootIsTheImageWithWhatIsWrittenAbove() throws Exception {
        String mounts = out("cat /proc/mounts");
        assertTrue(mounts.startsWith("overlay / overlay rw,"), mounts);
        assertTrue(mounts.contains("tmpfs /dev tmpfs") && mounts.contains("devpts /dev/pts"), mounts);
        assertFalse(mounts.contains("rootfs") || mounts.contains(" ext4 "), mounts);
        assertEquals(
                "bottle\n192.0.2.7\thostess\nnameserver 192.0.2.1\n", out("hostname; cat /etc/hosts /etc/resolv.conf"));
        assertFalse(out("ls /").contains("init"), "nothing of the initramfs");
        assertEquals("sh\n", out("cat /proc/1/comm"));
        assertFalse(out("ps -o comm").contains("agent"));
    }

    @Test
    void itIsConfined() throws Exception {
        assertEquals(
                "00000000a80425fb\n2\n",
                out("grep CapEff /proc/self/status | cut -f2; grep Seccomp: /proc/self/status | cut -f2"));
        String denied = exec(shell(
                        "mount -t tmpfs x /mnt; echo b >/proc/sysrq-trigger; echo 1 >/proc/sys/kernel/panic; reboot"
                                + " -f; poweroff -f; dd if=/dev/vda of=/dev/null count=1; mknod /tmp/vda b 254 0; cat"
                                + " /tmp/vda | head -c 1"))
                .err();
        assertEquals(
                7,
                denied.lines()
                        .filter(line -> line.contains("not permitted")
                                || line.contains("Read-only")
                                || line.contains("denied")
                                || line.contains("No such file"))
                        .count(),
                denied);
        assertEquals("0::/\n", out("cat /proc/self/cgroup"));
        assertEquals("1\n", out("echo alive >/dev/null; echo 1"));
    }

    @Test
    void aPayloadThatKillsAllKillsItsOwn() throws Exception {
        // Process 1 of a namespace takes no signal that it has no handler for; all others of the container's may go.
        AgentProcess victim = machine.agent().exec(command("sleep", "1000").build());
        Said _ = exec(shell("kill -9 -1; kill -9 1; true"));
        assertEquals(new ProcessExit(137, SIGKILL, false), get(victim.exit()));
        victim.acknowledge();
        assertEquals("alive\n", out("echo alive"));
        // As many processes as it may have, all of them at work.
        Said said = exec(shell(":() { : | : & }; : 2>/dev/null; sleep 2; echo end"));
        assertTrue(said.exit().status() == 0 || said.exit().status() == 2, said::toString);
        Await.until("processes again", () -> {
            try {
                return exec(command("true")).exit().status() == 0;
            } catch (AgentException e) {
                return false;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void muchGoesBothWays() throws Exception {
        byte[] bytes = new byte[12 * MEBI + 17];
        new Random(7).nextBytes(bytes);
        AgentProcess cat = machine.agent().exec(command("cat").build());
        CompletableFuture<byte[]> back =
                CompletableFuture.supplyAsync(() -> AgentMachine.bytes(cat.output()), Thread::startVirtualThread);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            int _ = cat.input().write(buffer);
        }
        cat.input().shutdownOutput();
        assertArrayEquals(bytes, get(back));
        assertEquals(new ProcessExit(0, 0, false), get(cat.exit()));
        cat.acknowledge();
    }

    @Test
    void aTerminalIsOne() throws Exception {
        AgentProcess shell = machine.agent()
                .exec(shell("tty; stty size; read line; stty size; echo got $line; sleep 1000")
                        .terminal(33, 77)
                        .build());
        StringBuilder seen = new StringBuilder();
        await(shell.output(), seen, "33 77\r\n");
        shell.resize(44, 88);
        assertTrue(shell.input().write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8))) > 0);
        await(shell.output(), seen, "got hello\r\n");
        assertTrue(seen.toString().contains("/dev/pts/") && seen.toString().contains("44 88\r\n"), seen::toString);
        assertTrue(shell.input().write(ByteBuffer.wrap(new byte[] {3})) > 0);
        assertEquals(new ProcessExit(130, 2, false), get(shell.exit()));
        shell.acknowledge();
    }

    private static void await(SocketChannel channel, StringBuilder seen, String wanted) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 12);
        while (seen.indexOf(wanted) < 0) {
            assertTrue(channel.read(buffer.clear()) >= 0, seen::toString);
            seen.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void itsClockIsTheHosts() throws Exception {
        Instant guest = Instant.ofEpochSecond(Long.parseLong(out("date +%s").strip()));
        assertTrue(Duration.between(guest, Instant.now()).abs().toSeconds() < 30, guest::toString);
        Instant other = Instant.parse("2031-02-03T04:05:06Z");
        machine.agent().setTime(other);
        assertTrue(out("date -u +%F").startsWith("2031-02-03"));
        machine.agent().setTime(Instant.now());
    }

    @Test
    void itCounts() throws Exception {
        Map<String, Long> counts = machine.agent().statistics();
        assertTrue(counts.getOrDefault("memory.current", 0L) > 1 << 16, counts::toString);
        assertTrue(counts.getOrDefault("cpu.stat.usage_usec", 0L) > 0, counts::toString);
        assertEquals(200, counts.getOrDefault("pids.max", 0L), counts::toString);
        assertTrue(counts.getOrDefault("pids.current", 0L) > 0, counts::toString);
    }

    @Test
    void itStopsAndGoesOn() throws Exception {
        AgentProcess busy =
                machine.agent().exec(shell("while :; do echo x; done").build());
        Thread reader = Thread.startVirtualThread(() -> AgentMachine.bytes(busy.output()));
        machine.agent().freeze(true);
        long before = machine.agent().statistics().getOrDefault("cpu.stat.usage_usec", 0L);
        Thread.sleep(300);
        assertEquals(before, machine.agent().statistics().getOrDefault("cpu.stat.usage_usec", 0L));
        machine.agent().freeze(false);
        Await.until("it goes on", () -> usage() > before);
        busy.signal(SIGKILL, false);
        get(busy.exit());
        busy.acknowledge();
        reader.join();
    }

    private static long usage() {
        try {
            return machine.agent().statistics().getOrDefault("cpu.stat.usage_usec", 0L);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void archivesGoInAndOut() throws Exception {
        String _ = out(
                "mkdir -p /arch/sub; echo a >/arch/sub/a; ln /arch/sub/a /arch/b; chown 33:50 /arch/b; ln -s /bin/sh"
                        + " /arch/l");
        byte[] archive = read(machine.agent().archive("/arch", "t"));
        assertEquals("t/\nt/b\nt/l\nt/sub/\nt/sub/a\n", list(archive));
        try (Transfer transfer = machine.agent().extract("/tmp", TransferOption.OWNERS)) {
            assertTrue(transfer.channel().write(ByteBuffer.wrap(archive)) > 0);
            transfer.channel().shutdownOutput();
            get(transfer.done());
        }
        assertEquals("33 50 2\n/bin/sh\n", out("stat -c '%u %g %h' /tmp/t/sub/a; readlink /tmp/t/l"));
        assertTrue(list(read(machine.agent().archive("/", ""))).contains("bin/busybox\n"));
        assertTrue(machine.agent().find("/bin/busybox").size() > MEBI);
    }

    /** The kernel kills the container for want of memory, and not the agent. */
    @Test
    void wantOfMemoryEndsTheContainer() throws Exception {
        Path other = Files.createDirectories(directory.resolve("memory"));
        try (AgentMachine small = AgentMachine.boot(boot, other, null, null)) {
            AgentProcess hungry = small.agent()
                    .start(shell("echo begun; x=$(cat /dev/zero | head -c 100000000 | tr '\\0' x); echo survived")
                            .lower("image")
                            .memory(SMALL_MEMORY)
                            .volatileUpper()
                            .build());
            Said said = AgentMachine.said(hungry);
            assertEquals(new Said(new ProcessExit(137, SIGKILL, true), "begun\n", ""), said);
            assertTrue(small.agent().statistics().getOrDefault("memory.events.oom_kill", 0L) > 0);
            hungry.acknowledge();
            small.awaitPowerOff();
        }
    }

    @Test
    void aDiskThatIsNotThereIsSaid() throws Exception {
        Path other = Files.createDirectories(directory.resolve("none"));
        try (AgentMachine without = AgentMachine.boot(boot, other, null, null)) {
            AgentException refusal = assertThrows(
                    AgentException.class,
                    () -> without.agent()
                            .start(command("true").lower("image").upper("none").build()));
            assertEquals("there is no disk with the serial number none", refusal.getMessage());
            AgentException network = assertThrows(
                    AgentException.class,
                    () -> without.agent()
                            .start(command("true")
                                    .lower("image")
                                    .network(address(15), 24, address(2))
                                    .build()));
            assertEquals("there is no network card", network.getMessage());
            AgentProcess process =
                    without.agent().start(command("true").lower("image").build());
            assertEquals(0, AgentMachine.said(process).exit().status());
            process.acknowledge();
            without.awaitPowerOff();
            Matcher said = Pattern.compile("agent: .*").matcher(without.console());
            assertFalse(said.find(), without::words);
        }
    }

    private static Inet4Address address(int host) throws IOException {
        return (Inet4Address) InetAddress.getByAddress(new byte[] {10, 0, 2, (byte) host});
    }
}
