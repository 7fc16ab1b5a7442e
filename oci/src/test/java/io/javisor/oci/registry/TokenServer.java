package io.javisor.oci.registry;

import io.javisor.oci.registry.http.ScriptedServer;
import io.javisor.oci.registry.http.ScriptedServer.Asked;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives tokens that distribution's registry takes (distribution, "Token Authentication Implementation"): JWTs by ES256
 * with the certificate in {@code x5c}. The user {@code user} with the password {@code secret} may all, anybody may pull
 * what is below {@code public/}.
 */
final class TokenServer implements AutoCloseable {
    private static final String PASSWORD = "secret";

    private final PrivateKey key;
    private final String certificate;
    private final ScriptedServer server;

    private TokenServer(PrivateKey key, Certificate certificate) throws IOException, GeneralSecurityException {
        this.key = key;
        this.certificate = Base64.getEncoder().encodeToString(certificate.getEncoded());
        server = ScriptedServer.start(this::answer);
    }

    static TokenServer start(Path directory) throws IOException, GeneralSecurityException, InterruptedException {
        Path store = directory.resolve("token.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "t",
                        "-dname",
                        "CN=t",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        int _ = keytool.waitFor();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), PASSWORD.toCharArray());
        Certificate certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(keys.getCertificate("t").getEncoded()));
        Path _ = Files.writeString(
                directory.resolve("token.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        return new TokenServer((PrivateKey) keys.getKey("t", PASSWORD.toCharArray()), certificate);
    }

    /** For the registry's configuration. */
    String auth(Path directory) {
        return "auth: {token: {realm: 'http://" + server.host() + "/token', service: reg, issuer: t, rootcertbundle: "
                + directory.resolve("token.pem") + "}}\n";
    }

    List<String> requests() {
        return server.requests();
    }

    private void answer(Asked asked) throws IOException {
        @Nullable String authorization = asked.header("Authorization").orElse(null);
        // printf user:secret | base64
        boolean known = "Basic dXNlcjpzZWNyZXQ=".equals(authorization);
        if (authorization != null && !known) {
            asked.answer(
                    401,
                    "",
                    "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"incorrect username or password\"}]}");
            return;
        }
        List<String> access = new ArrayList<>();
        for (String parameter : asked.target().split("[?&]", -1)) {
            if (parameter.startsWith("scope=")) {
                String scope = URLDecoder.decode(parameter.substring("scope=".length()), StandardCharsets.UTF_8);
                String[] parts = scope.split(":", -1);
                String actions = known ? parts[2] : parts[1].startsWith("public/") ? "pull" : "";
                String list = actions.isEmpty() ? "" : "\"" + actions.replace(",", "\",\"") + "\"";
                access.add("{\"type\":\"" + parts[0] + "\",\"name\":\"" + parts[1] + "\",\"actions\":[" + list + "]}");
            }
        }
        asked.answer(200, "", "{\"token\":\"" + token(String.join(",", access)) + "\",\"expires_in\":300}");
    }

    private String token(String access) {
        long now = Instant.now().getEpochSecond();
        String signed = encoded("{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"" + certificate + "\"]}") + "."
                + encoded("{\"iss\":\"t\",\"sub\":\"user\",\"aud\":\"reg\",\"exp\":" + (now + 300) + ",\"nbf\":"
                        + (now - 60) + ",\"iat\":" + now + ",\"jti\":\"1\",\"access\":[" + access + "]}");
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
