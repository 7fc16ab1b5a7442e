package io.javisor.oci.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.testkit.HeapMeter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a configuration. What is taken is within its bounds, has no NUL, and is the same with spaces around it and with a field more that nobody
 * knows; all else is one {@link OciException} of one line.
 */
class ImageConfigFuzzTest {
    private static final long HEAP_MAX = 256L << 20;

    private static boolean loaded;

    static Stream<byte[]> seeds() {
        String rootfs = "'rootfs':{'type':'layers','diff_ids':['" + Digest.sha256(new byte[0]) + "']}";
        return Stream.of(
                        "{" + rootfs + "}",
                        "{'architecture':'arm64','os':'linux','variant':'v8','author':'me',"
                                + "'created':'2024-02-03T04:05:06.123456789+01:00'," + rootfs
                                + ",'history':[{'created':'2024-01-01T00:00:00Z','created_by':'ADD','comment':'c'},"
                                + "{'author':'a','empty_layer':true}],'config':null}",
                        "{'created':null," + rootfs + ",'config':{'User':'0:0','ExposedPorts':{'80/tcp':{},"
                                + "'8000-8010/udp':null},'Env':['PATH=/bin','X'],'Entrypoint':'/e','Cmd':['a','b'],"
                                + "'Volumes':{'/v':{}},'WorkingDir':'/','Labels':{'a':'b','n':null},"
                                + "'StopSignal':'SIGTERM','Shell':[],'OnBuild':['RUN'],"
                                + "'Healthcheck':{'Test':['CMD-SHELL','x'],'Interval':30000000000,'Timeout':1,"
                                + "'StartPeriod':2,'StartInterval':3,'Retries':4}}}")
                .map(json -> json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) {
        if (!loaded) {
            // Classes are instrumented as they are loaded, which costs more than anything that is measured.
            loaded = true;
            seeds().forEach(ImageConfigFuzzTest::take);
            take(new byte[] {'['});
        }
        HeapMeter heap = HeapMeter.start();
        take(input);
        heap.requireAtMost(HEAP_MAX);
    }

    private static void take(byte[] input) {
        try {
            ImageConfig config = ImageConfig.parse("x", input);
            check(config);
            checkAround(input, config);
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("x: invalid configuration: "), message);
            assertTrue(message.length() < 2000, message);
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        }
    }

    private static void check(ImageConfig config) {
        assertTrue(config.diffIds().size() <= Manifest.LAYERS_MAX);
        ImageProcess process = config.process();
        List<String> texts = new ArrayList<>(List.of(
                config.author(),
                process.user(),
                process.workingDir(),
                process.stopSignal(),
                config.platform().toString()));
        Stream.of(process.env(), process.entrypoint(), process.cmd(), process.volumes(), process.shell())
                .forEach(texts::addAll);
        process.labels().forEach((name, value) -> texts.addAll(List.of(name, value)));
        process.healthcheck().ifPresent(check -> texts.addAll(check.test()));
        config.history().forEach(step -> texts.addAll(List.of(step.author(), step.comment(), step.createdBy())));
        texts.forEach(text -> assertEquals(-1, text.indexOf('\0'), text));
        process.env().forEach(text -> assertTrue(text.indexOf('=') > 0, text));
        for (ExposedPort port : process.exposedPorts()) {
            assertTrue(port.first() >= 1 && port.last() >= port.first() && port.last() <= 65_535, port.toString());
            assertEquals(port, ExposedPort.parse(port.toString()).orElseThrow());
        }
        process.healthcheck()
                .ifPresent(check -> assertTrue(check.intervalNanos() >= 0
                        && check.timeoutNanos() >= 0
                        && check.startPeriodNanos() >= 0
                        && check.startIntervalNanos() >= 0
                        && check.retries() >= 0));
    }

    /** Only of proper UTF-8: JSON of two or four bytes a character, which is read too, has other spaces. */
    private static void checkAround(byte[] input, ImageConfig config) {
        String text = new String(input, StandardCharsets.UTF_8);
        String name = "\"none knows this\"";
        int brace = text.indexOf('{');
        boolean proper = Arrays.equals(input, text.getBytes(StandardCharsets.UTF_8));
        if (proper
                && text.indexOf('\0') < 0
                && text.codePointAt(0) != 0xFEFF
                && brace >= 0
                && !text.contains("none knows")) {
            String more = " " + text.substring(0, brace + 1) + name + ":[{\"a\":null}, 1.5e3],"
                    + text.substring(brace + 1) + "\n";
            assertEquals(config, ImageConfig.parse("x", more.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
