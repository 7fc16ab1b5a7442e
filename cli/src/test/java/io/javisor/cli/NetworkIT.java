package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.host.NetNamespace;
import io.javisor.testkit.junit.TapTest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The default guest on a network, one boot for each kind: it gets its address by DHCP in /init, answers a ping, and has
 * its bytes and datagrams come back as they were sent. The host's side is in a network namespace of the test's. Afterwards the other end of the
 * cable goes, and the guest lives on.
 */
@TapTest
@Timeout(value = 45, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkIT {
    private static final String COMMAND_LINE = "console=ttyS0 reboot=k panic=-1 ip=dhcp";

    private static final String BUSYBOX = "/bin/busybox";

    private static final int STREAM_BYTES = 4 << 20;
    private static final int DATAGRAMS = 500;

    /** For what takes seconds where KVM is software: a program's start, 4 MiB both ways. */
    private static final int WAIT_SECONDS = 240;

    private final byte[] stream = new byte[STREAM_BYTES];

    @TempDir
    private Path directory = Path.of("");

    private NetNamespace host;

    @BeforeEach
    void makeHost() throws Exception {
        new Random(5).nextBytes(stream);
        host = NetNamespace.create();
        host.run("ip", "link", "set", "lo", "up");
    }

    @AfterEach
    void removeHost() {
        host.close();
    }

    private GuestSession boot(String... arguments) throws Exception {
        GuestSession guest = host.call(
                () -> GuestSession.start(Root.command("--memory", "256M", "--cmdline", COMMAND_LINE, arguments)
                        .toArray(String[]::new)));
        try {
            guest.await("Linux version", GuestSession.FIRST_OUTPUT_SECONDS);
            return guest;
        } catch (InterruptedException | RuntimeException | Error e) {
            guest.close();
            throw e;
        }
    }

    /** Two queues, the bridge joined and the MTU set by javisor. */
    @Test
    void onATap() throws Exception {
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "addr", "add", "10.9.0.1/24", "dev", "br0");
        host.run("ip", "link", "set", "br0", "up");
        try (GuestSession guest = boot("--cpus", "2", "--net", "tap,ifname=t0,bridge=br0,queues=2,mtu=9000")) {
            Process dhcp = startDhcpServer();
            try {
                guest.await("ipaddr=10.9.0.2, mask=255.255.255.0, gw=10.9.0.1", GuestSession.BOOT_SECONDS);
                guest.await("javisor guest ready", GuestSession.BOOT_SECONDS);
            } finally {
                Program.kill(dhcp);
            }
            host.run(BUSYBOX, "ping", "-c", "3", "-W", "30", "10.9.0.2");

            guest.type("nc -l -p 5000 -e dd bs=64k; echo stream=$?");
            try (Socket socket = HostSide.connect(host, "10.9.0.2", 5000, WAIT_SECONDS)) {
                assertEchoed(stream, socket);
            }
            guest.await("stream=0", WAIT_SECONDS);
            assertDatagramsPass(guest, "10.9.0.1");

            host.run("ip", "link", "del", "t0");
            assertLinkIsDown(guest, "the tap was deleted");
        }
    }

    private Process startDhcpServer() throws Exception {
        Path config = Files.writeString(directory.resolve("udhcpd.conf"), """
            start 10.9.0.2
            end 10.9.0.2
            interface br0
            lease_file %1$s/leases
            pidfile %1$s/pid
            option subnet 255.255.255.0
            option router 10.9.0.1
            """.formatted(directory));
        Path _ = Files.createFile(directory.resolve("leases"));
        return host.call(() -> new ProcessBuilder(BUSYBOX, "udhcpd", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("udhcpd.log").toFile())
                .start());
    }

    @Test
    void inUserMode() throws Exception {
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        host.run("ip", "link", "set", "v0", "up");
        host.run("ip", "link", "set", "v1", "up");
        host.run("ip", "addr", "add", "10.77.0.5/24", "dev", "v0");
        host.run("ip", "addr", "add", "10.88.0.1/32", "dev", "lo");
        host.run("ip", "route", "add", "default", "via", "10.77.0.1");
        // Who may ping without root: most hosts let all, a new namespace nobody.
        Path _ = host.call(() -> Files.writeString(Path.of("/proc/sys/net/ipv4/ping_group_range"), "0 2147483647"));
        try (GuestSession guest = boot("--net", "user,publish=127.0.0.1:8080:80,host-loopback=on")) {
            guest.await("ipaddr=10.77.0.5, mask=255.255.255.0, gw=10.77.0.1", GuestSession.BOOT_SECONDS);
            guest.await("javisor guest ready", GuestSession.BOOT_SECONDS);
            guest.type("ping -c 1 10.88.0.1");
            guest.await(" 0% packet loss", WAIT_SECONDS);

            // The gateway's address is the host's loopback interface.
            try (ServerSocket server = host.call(() -> new ServerSocket(5000))) {
                guest.type("nc 10.77.0.1 5000 -e dd bs=64k; echo stream=$?");
                try (Socket socket = accept(server)) {
                    assertEchoed(stream, socket);
                }
            }
            guest.await("stream=0", WAIT_SECONDS);

            // passt takes a connection before the guest listens, and ends it then.
            guest.type("nc -l -p 80 -e cat; echo published=$?");
            Await.until(() -> "an echo on the published port", WAIT_SECONDS, this::isEchoedOnPublishedPort);
            guest.await("published=0", WAIT_SECONDS);
            assertDatagramsPass(guest, "10.77.0.1");

            ProcessHandle passt = guest.process()
                    .descendants()
                    .filter(each -> each.info().command().orElse("").contains("/passt"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(passt.destroyForcibly());
            assertLinkIsDown(guest, "passt has closed the connection");
        }
    }

    private boolean isEchoedOnPublishedPort() {
        byte[] text = "hello".getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = HostSide.connect(host, "127.0.0.1", 8080, WAIT_SECONDS)) {
            socket.getOutputStream().write(text);
            socket.shutdownOutput();
            return Arrays.equals(text, socket.getInputStream().readAllBytes());
        } catch (IOException e) {
            return HostSide.notYet();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Socket accept(ServerSocket server) throws IOException {
        server.setSoTimeout((int) TimeUnit.SECONDS.toMillis(WAIT_SECONDS));
        return server.accept();
    }

    /** Both ways at once. */
    private static void assertEchoed(byte[] bytes, Socket socket) throws Exception {
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertArrayEquals(bytes, socket.getInputStream().readAllBytes());
        sent.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** The guest fetches a file in as many datagrams, acknowledges each, and sends the file back for a look at it. */
    private void assertDatagramsPass(GuestSession guest, String address) throws Exception {
        byte[] file = Arrays.copyOf(stream, DATAGRAMS * TftpServer.BLOCK_SIZE - 1);
        try (TftpServer server = host.call(TftpServer::new);
                ServerSocket back = host.call(() -> new ServerSocket(5001))) {
            guest.type("tftp -g -r file " + address + " " + server.port() + " && nc " + address
                    + " 5001 <file; echo datagrams=$?");
            assertEquals(DATAGRAMS, server.serve(file, WAIT_SECONDS));
            try (Socket socket = accept(back)) {
                socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(WAIT_SECONDS));
                assertArrayEquals(file, socket.getInputStream().readAllBytes());
            }
            guest.await("datagrams=0", WAIT_SECONDS);
        }
    }

    private static void assertLinkIsDown(GuestSession guest, String why) throws Exception {
        guest.await("net0: the link is down: " + why, WAIT_SECONDS);
        guest.type("read -r c </sys/class/net/eth0/carrier; echo carrier=$c; poweroff -f");
        guest.await("carrier=0", WAIT_SECONDS);
        assertEquals(0, guest.awaitEnd(WAIT_SECONDS));
    }
}
