package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a guest fetches by HTTP: a file, and a script that digests, encrypts and signs it with OpenSSL in each of the ways that OpenSSL has for processors
 * from SSE2 to AVX2 and SHA. Java says what must come out.
 */
final class CryptoServer implements AutoCloseable {
    /** Where passt shows a guest the host's loopback interface, in the namespace of the test. */
    static final String ADDRESS = "10.77.0.1";

    private static final int FILE_SIZE = (1 << 20) + 13;

    /**
     * OPENSSL_ia32cap, which takes features away (OPENSSL_ia32cap(3)): none; SHA; leaf 7, so AVX2, BMI and ADX too; AVX; SSSE3, AES and
     * PCLMULQDQ; all.
     */
    private static final List<String> MASKS =
            List.of("~0:~0", ":~0x20000000", ":0", "~0x1000000000000000:0", "~0x1200020200000000:0", "0:0");

    /** With {@code server}, {@code key}, {@code iv} and {@code masks} set before. */
    private static final String SCRIPT = """
        cd /root
        wget -qO file http://$server/file && wget -qO rsa.pem http://$server/rsa.pem || exit
        digest() { echo "$mask" "$1" $(sha256sum | cut -c1-64); }
        sha256sum file
        for mask in $masks; do
            [ "$mask" = '~0:~0' ] || export OPENSSL_ia32cap="$mask"
            for name in sha1 sha256 sha512; do
                openssl dgst -$name -binary file | digest $name
            done
            openssl enc -aes-128-ctr -K $key -iv $iv -in file | digest ctr
            openssl enc -aes-256-cbc -K $key$key -iv $iv -in file | digest cbc
            openssl enc -aes-256-cbc -K $key$key -iv $iv -in file | openssl enc -d -aes-256-cbc -K $key$key -iv $iv | digest back
            openssl enc -chacha20 -K $key$key -iv $iv -in file | digest chacha20
            openssl mac -binary -cipher AES-128-GCM -macopt hexkey:$key -macopt hexiv:$iv -in file GMAC | digest gmac
            openssl dgst -sha256 -sign rsa.pem file | digest rsa
        done
        unset OPENSSL_ia32cap
        openssl speed -seconds 1 -bytes 8192 -evp sha256 >/dev/null 2>&1; echo speed $?
        openssl speed -seconds 1 -bytes 8192 -evp aes-128-gcm >/dev/null 2>&1; echo speed $?
        """;

    private final byte[] file = new byte[FILE_SIZE];
    private final byte[] key = new byte[16];
    private final byte[] iv = new byte[16];
    private final KeyPair pair;
    private final HttpServer server;

    /** Listens on a port of its own on all addresses of the calling thread's network. */
    CryptoServer() throws IOException, GeneralSecurityException {
        Random random = new Random(7);
        random.nextBytes(file);
        random.nextBytes(key);
        random.nextBytes(iv);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
        server = HttpServer.create(new InetSocketAddress(0), 0);
        serve("/file", file);
        serve("/rsa.pem", pem(pair.getPrivate()));
        serve("/check", script().getBytes(StandardCharsets.US_ASCII));
        server.start();
    }

    private String script() {
        return "server=%s:%d key=%s iv=%s masks='%s'\n"
                        .formatted(ADDRESS, port(), hex(key), hex(iv), String.join(" ", MASKS))
                + SCRIPT;
    }

    private void serve(String path, byte[] body) {
        var _ = server.createContext(path, exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
    }

    private static byte[] pem(Key key) {
        return ("-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                        + "\n-----END PRIVATE KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** The file's SHA-256 in hexadecimal digits. */
    String fileDigest() throws GeneralSecurityException {
        return digest(file);
    }

    /** The script printed, line by line, what Java says. */
    void assertRight(String printed) throws GeneralSecurityException {
        Map<String, String> results = results();
        List<String> expected = new ArrayList<>();
        expected.add(fileDigest() + "  file");
        for (String mask : MASKS) {
            results.forEach((name, digest) -> expected.add(mask + " " + name + " " + digest));
        }
        expected.addAll(List.of("speed 0", "speed 0"));
        assertEquals(String.join("\n", expected), printed);
    }

    private Map<String, String> results() throws GeneralSecurityException {
        SecretKeySpec aes = new SecretKeySpec(key, "AES");
        byte[] twice = Arrays.copyOf(key, 2 * key.length);
        System.arraycopy(key, 0, twice, key.length, key.length);
        Map<String, String> results = new LinkedHashMap<>();
        for (String name : List.of("SHA-1", "SHA-256", "SHA-512")) {
            results.put(
                    name.toLowerCase(Locale.ROOT).replace("-", ""),
                    digest(MessageDigest.getInstance(name).digest(file)));
        }
        results.put("ctr", digest(encrypt("AES/CTR/NoPadding", aes, new IvParameterSpec(iv))));
        results.put(
                "cbc",
                digest(encrypt("AES/CBC/PKCS5Padding", new SecretKeySpec(twice, "AES"), new IvParameterSpec(iv))));
        results.put("back", fileDigest());
        // The first four bytes of OpenSSL's are the counter.
        int counter = ByteBuffer.wrap(iv).order(ByteOrder.LITTLE_ENDIAN).getInt();
        ChaCha20ParameterSpec nonce = new ChaCha20ParameterSpec(Arrays.copyOfRange(iv, 4, 16), counter);
        results.put("chacha20", digest(encrypt("ChaCha20", new SecretKeySpec(twice, "ChaCha20"), nonce)));
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(Cipher.ENCRYPT_MODE, aes, new GCMParameterSpec(128, iv));
        gcm.updateAAD(file);
        results.put("gmac", digest(gcm.doFinal()));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(file);
        results.put("rsa", digest(signature.sign()));
        return results;
    }

    private byte[] encrypt(String transformation, SecretKeySpec secret, AlgorithmParameterSpec parameters)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(Cipher.ENCRYPT_MODE, secret, parameters);
        return cipher.doFinal(file);
    }

    private static String digest(byte[] bytes) throws GeneralSecurityException {
        return hex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
