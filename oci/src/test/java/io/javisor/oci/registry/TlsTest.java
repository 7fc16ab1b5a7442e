package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.ImageSource;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.HttpClient;
import io.javisor.oci.registry.http.Proxies;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.ScriptedServer;
import io.javisor.oci.registry.http.Timing;
import io.javisor.oci.registry.http.Trust;
import io.javisor.oci.registry.http.Url;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates that the JDK's keytool makes. */
class TlsTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    private static Path keys = Path.of("");

    @TempDir
    private Path home = Path.of("");

    @BeforeAll
    static void makeCertificates() throws Exception {
        keytool("-genkeypair", "-alias", "ca", "-dname", "CN=ca", "-ext", "bc:c", "-keyalg", "EC");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "ca",
                "-file",
                keys.resolve("ca.pem").toString());
        certificate("good", "SAN=dns:localhost,dns:registry.test", "-validity", "10");
        certificate("other", "SAN=dns:other.example", "-validity", "10");
        certificate("old", "SAN=dns:localhost", "-startdate", "-3d", "-validity", "1");
    }

    private static void certificate(String alias, String names, String... times) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias, "-signer", "ca"));
        command.addAll(List.of("-keyalg", "EC", "-ext", names));
        command.addAll(List.of(times));
        keytool(command.toArray(String[]::new));
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", keys.resolve("keys.p12").toString(), "-storepass", new String(PASSWORD)));
        Path log = keys.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended && process.exitValue() == 0, Files.readString(log));
    }

    private static ServerSocketFactory factory(String alias) throws GeneralSecurityException, IOException {
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys.resolve("keys.p12"))) {
            all.load(in, PASSWORD);
        }
        KeyStore one = KeyStore.getInstance("PKCS12");
        one.load(null, null);
        one.setKeyEntry(alias, all.getKey(alias, PASSWORD), PASSWORD, all.getCertificateChain(alias));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(one, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }

    private Setup trusting(ScriptedServer server) {
        return Setup.of(home, "{'localhost:" + server.port() + "': {'ca': '" + keys.resolve("ca.pem") + "'}}");
    }

    private static Reference reference(ScriptedServer server) {
        return Reference.parse("localhost:" + server.port() + "/a");
    }

    private static String failure(Setup setup, ScriptedServer server) {
        OciException e = assertThrows(
                OciException.class,
                () -> setup.registries().source(reference(server)).top());
        String message = String.valueOf(e.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message.replace(setup.home().toString(), "~").replace(":" + server.port(), "");
    }

    @Test
    void anAuthorityOfAHostVouchesForIt() throws Exception {
        byte[] blob = Setup.noise(5_000_001, 1);
        try (ScriptedServer server = ScriptedServer.start(factory("good"), asked -> {
                    switch (asked.method()) {
                        case "GET" -> asked.answer(200, "", blob);
                        case "POST" -> asked.answer(202, "Location: /up\r\n", "");
                        default -> {
                            assertArrayEquals(blob, asked.body());
                            asked.answer(201, "", "");
                        }
                    }
                });
                Setup setup = trusting(server);
                ImageSource source = setup.registries().source(reference(server));
                ImageTarget target = setup.registries().target(reference(server), List.of())) {
            for (int i = 0; i < 2; i++) {
                Setup.Sink sink = new Setup.Sink(blob.length);
                source.blob(Setup.descriptor(blob), sink);
                assertArrayEquals(blob, sink.bytes());
                target.put(Setup.content(blob), _ -> {});
            }
            assertEquals(1, server.connections());
        }
    }

    @Test
    void aBlobThatBreaksOffGoesOn() throws Exception {
        byte[] blob = Setup.noise(500_000, 2);
        try (ScriptedServer server = ScriptedServer.start(factory("good"), asked -> {
                    if (asked.header("Range").isEmpty()) {
                        asked.head(200, "", blob.length);
                        asked.raw(blob, 0, 200_000);
                        asked.hangUp();
                    } else {
                        assertEquals("bytes=200000-", asked.header("Range").get());
                        asked.head(206, "Content-Range: bytes 200000-499999/500000\r\n", 300_000);
                        asked.raw(blob, 200_000, 300_000);
                    }
                });
                Setup setup = trusting(server);
                ImageSource source = setup.registries().source(reference(server))) {
            Setup.Sink sink = new Setup.Sink(blob.length);
            source.blob(Setup.descriptor(blob), sink);
            assertArrayEquals(blob, sink.bytes());
        }
    }

    @Test
    void anAuthorityThatNobodyKnowsIsRefused() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(factory("good"), asked -> asked.answer(200, "", "{}"));
                Setup setup = Setup.of(home, "{'localhost:" + server.port() + "': {'http': false}}")) {
            assertEquals(
                    "Get \"https://localhost/v2/a/manifests/latest\": tls: failed to verify certificate: x509:"
                            + " certificate signed by unknown authority; if it is to be trusted, name its authority's"
                            + " certificate as \"ca\" of \"localhost\" in ~/.config/javisor/registries.json",
                    failure(setup, server));
            assertEquals(List.of(), server.requests());
        }
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(factory("other"), asked -> asked.answer(200, "", "{}"));
                Setup setup = trusting(server)) {
            assertEquals(
                    "Get \"https://localhost/v2/a/manifests/latest\": tls: failed to verify certificate: x509:"
                            + " certificate is not valid for localhost",
                    failure(setup, server));
        }
    }

    @Test
    void aCertificateThatExpiredIsRefused() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(factory("old"), asked -> asked.answer(200, "", "{}"));
                Setup setup = trusting(server)) {
            String message = failure(setup, server);
            assertTrue(
                    message.startsWith(
                            "Get \"https://localhost/v2/a/manifests/latest\": tls: failed to verify certificate:"
                                    + " x509: certificate has expired or is not yet valid: NotAfter: "),
                    message);
        }
    }

    @Test
    void aServerWithoutTlsIsSaid() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Setup setup = Setup.of(home, "{'localhost:" + plain.getLocalPort() + "': {'http': false}}")) {
            Thread answering = new Thread(() -> {
                try (Socket socket = plain.accept()) {
                    int _ = socket.getInputStream().read(new byte[4096]);
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The client says what went wrong.
                }
            });
            answering.start();
            Reference reference = Reference.parse("localhost:" + plain.getLocalPort() + "/a");
            OciException e = assertThrows(
                    OciException.class,
                    () -> setup.registries().source(reference).top());
            answering.join();
            String host = "localhost:" + plain.getLocalPort();
            assertEquals(
                    "Get \"https://" + host
                            + "/v2/a/manifests/latest\": http: server gave HTTP response to HTTPS client;"
                            + " if it is to be asked without encryption, set \"http\": true for \"" + host + "\" in "
                            + home.resolve(".config/javisor/registries.json"),
                    e.getMessage());
        }
    }

    /** Of Go, on a real registry; nginx; Apache; who knows HTTP by TLS's alert only. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n`"
                        + " | latest\": received unexpected HTTP status: 400 Bad Request",
                "`HTTP/1.1 400 Bad Request\r\n"
                        + "Content-Type: text/html\r\n"
                        + "Content-Length: 64\r\n"
                        + "Connection: close\r\n\r\n"
                        + "<center>The plain HTTP request was sent to HTTPS port</center>\r\n"
                        + "` | latest\": received unexpected HTTP status: 400 Bad Request;",
                "`\u0015\u0003\u0003\u0000\u0002\u00022` | latest\": malformed HTTP response",
            })
    // closed early, for the thread to end; a text block has no \r\n
    @SuppressWarnings({"try", "StringConcatToTextBlock"})
    void aServerOfThisComputerWithTlsIsSaid(String answer, String said) throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Setup setup = Setup.of(home)) {
            Thread answering = new Thread(() -> {
                while (true) {
                    try (Socket socket = plain.accept()) {
                        int _ = socket.getInputStream().read(new byte[4096]);
                        socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    } catch (IOException e) {
                        return; // The test is over.
                    }
                }
            });
            answering.start();
            String host = "localhost:" + plain.getLocalPort();
            ImageSource source = setup.registries().source(Reference.parse(host + "/a"));
            String message = Setup.failure(() -> {
                source.topDigest();
                source.top();
            });
            plain.close();
            answering.join();
            assertTrue(message.contains(said), message);
            assertTrue(
                    message.endsWith("; if it is to be asked over TLS, set \"http\": false for \"" + host + "\" in "
                            + home.resolve(".config/javisor/registries.json")),
                    message);
        }
    }

    @Test
    void aFileOfAuthoritiesThatIsWrongIsNamed() throws Exception {
        Path file = Files.writeString(home.resolve("x.pem"), "no certificate");
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(200, "", "{}"));
                Setup setup = Setup.of(home, "{'localhost:" + server.port() + "': {'ca': '" + file + "'}}")) {
            assertTrue(failure(setup, server)
                    .startsWith("~/.config/javisor/registries.json: \"localhost\": \"ca\": ~/x.pem: there is no"));
            Files.delete(file);
            assertEquals(
                    "~/.config/javisor/registries.json: \"localhost\": \"ca\": ~/x.pem: no such file",
                    failure(setup, server));
        }
    }

    @Test
    void nobodyIsLedFromHttpsToHttp() throws Exception {
        try (ScriptedServer plain = ScriptedServer.start(asked -> asked.answer(200, "", "{}"));
                ScriptedServer server = ScriptedServer.start(factory("good"), asked -> {
                    switch (asked.method()) {
                        case "GET" -> asked.answer(307, "Location: http://" + plain.host() + "/x\r\n", "");
                        default -> asked.answer(202, "Location: http://" + plain.host() + "/x\r\n", "");
                    }
                });
                Setup setup = trusting(server);
                ImageTarget target = setup.registries().target(reference(server), List.of())) {
            assertEquals(
                    "Get \"https://localhost/v2/a/manifests/latest\": it leads from https to http://" + plain.host()
                            + ", which is refused, as nothing would be encrypted",
                    failure(setup, server));
            OciException e = assertThrows(OciException.class, () -> target.put(Setup.content(new byte[10]), _ -> {}));
            assertTrue(String.valueOf(e.getMessage()).contains("leads from https to http://"), e.getMessage());
            assertEquals(List.of(), plain.requests());
        }
    }

    @Test
    void aPasswordIsNotSentToATokenServerInTheClear() throws Exception {
        try (ScriptedServer plain = ScriptedServer.start(asked -> asked.answer(200, "", "{\"token\":\"x\"}"));
                ScriptedServer server = ScriptedServer.start(
                        factory("good"),
                        asked -> asked.answer(
                                401, "WWW-Authenticate: Bearer realm=\"http://" + plain.host() + "/t\"\r\n", ""));
                Setup setup = trusting(server)) {
            String message = failure(setup, server);
            assertTrue(message.contains("its token server http://" + plain.host() + " is asked over http"), message);
            assertEquals(List.of(), plain.requests());
        }
    }

    /** Name and certificate are the server's, whoever carries the bytes. */
    @Test
    void aProxysTunnelLeadsToTheServer() throws Exception {
        byte[] ca = Files.readAllBytes(keys.resolve("ca.pem"));
        try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ScriptedServer server = ScriptedServer.start(
                        factory("good"),
                        asked -> asked.answer(
                                200, "", asked.target() + asked.header("Host").orElse("")))) {
            List<String> asked = new ArrayList<>();
            Thread carrying = new Thread(() -> carry(proxy, server.port(), asked));
            carrying.start();
            Proxies proxies = Proxies.of(Map.of("HTTPS_PROXY", "http://u:p@127.0.0.1:" + proxy.getLocalPort()));
            Url url = Url.parse("https://registry.test:" + server.port() + "/x");
            try (HttpClient client = new HttpClient(Timing.DEFAULT, Trust.of(_ -> Optional.of(ca)), proxies);
                    Response response = client.send(Request.of("GET", url), true)) {
                assertEquals(
                        "/xregistry.test:" + server.port(), new String(response.bytes(100), StandardCharsets.US_ASCII));
            }
            carrying.join();
            assertEquals(
                    List.of("CONNECT registry.test:" + server.port() + " HTTP/1.1", "Proxy-Authorization: Basic dTpw"),
                    List.of(asked.get(0), asked.get(2)));
        }
    }

    private static void carry(ServerSocket proxy, int port, List<String> asked) {
        try (Socket client = proxy.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) client.getInputStream().read());
            }
            asked.addAll(head.toString().lines().toList());
            client.getOutputStream()
                    .write("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Thread back = new Thread(() -> copy(server, client));
            back.start();
            copy(client, server);
            back.join();
        } catch (IOException e) {
            // The client says what went wrong.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            long _ = from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of them is gone.
        }
    }
}
