package io.javisor.oci.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageConfigTest {
    private static final Digest DIFF_ID = Digest.sha256(new byte[0]);
    private static final String ROOTFS = "'rootfs':{'type':'layers','diff_ids':['" + DIFF_ID + "']}";

    private static ImageConfig parse(String json) {
        return ImageConfig.parse("debian:12", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static ImageProcess process(String config) {
        return parse("{" + ROOTFS + ",'config':" + config + "}").process();
    }

    @Test
    void readsWhatDockerWrites() {
        ImageConfig config = parse("{'architecture':'arm64','os':'linux','variant':'v8','os.version':null,"
            + "'author':'me','created':'2024-02-03T04:05:06.123456789+01:00','container':'abc','docker_version':'1',"
                + ROOTFS
                + ",'history':[{'created':'2024-01-01T00:00:00Z','created_by':'/bin/sh -c #(nop) ADD','comment':'c',"
                + "'author':'a'},{'created_by':'CMD','empty_layer':true}],"
                + "'config':{'Hostname':'','Domainname':'','User':'1000:1000','AttachStdin':false,'Tty':false,"
                + "'ExposedPorts':{'80/tcp':{},'53/udp':{},'8000-8010':null},"
                + "'Env':['PATH=/bin','A=','B=c=d','NOTHING'],'Cmd':['sh','-c','x'],'Image':'sha256:0',"
                + "'Healthcheck':{'Test':['CMD-SHELL','curl x'],'Interval':30000000000,'Timeout':1,'StartPeriod':2,"
                + "'StartInterval':3,'Retries':4},"
                + "'Volumes':{'/var':{},'/data':{}},'WorkingDir':'/srv','Entrypoint':['/e'],'OnBuild':['RUN x'],"
                + "'Labels':{'b':'1','a':'2','n':null},'StopSignal':'SIGQUIT','Shell':['/bin/bash','-c'],"
                + "'ArgsEscaped':true}}");
        assertEquals(new Platform("linux", "arm64", "v8"), config.platform());
        assertEquals(Optional.of(Instant.parse("2024-02-03T03:05:06.123456789Z")), config.created());
        assertEquals("me", config.author());
        assertEquals(List.of(DIFF_ID), config.diffIds());
        assertEquals(
                List.of(
                        new History(
                                Optional.of(Instant.parse("2024-01-01T00:00:00Z")),
                                "/bin/sh -c #(nop) ADD",
                                "a",
                                "c",
                                false),
                        new History(Optional.empty(), "CMD", "", "", true)),
                config.history());
        ImageProcess process = config.process();
        assertEquals("1000:1000", process.user());
        assertEquals("[80/tcp, 53/udp, 8000-8010/tcp]", process.exposedPorts().toString());
        assertEquals(List.of("PATH=/bin", "A=", "B=c=d"), process.env());
        assertEquals(List.of("/e"), process.entrypoint());
        assertEquals(List.of("sh", "-c", "x"), process.cmd());
        assertEquals(List.of("/data", "/var"), process.volumes());
        assertEquals("/srv", process.workingDir());
        assertEquals(Map.of("b", "1", "a", "2", "n", ""), process.labels());
        assertEquals("[b, a, n]", process.labels().keySet().toString());
        assertEquals("SIGQUIT", process.stopSignal());
        assertEquals(
                Optional.of(new Healthcheck(List.of("CMD-SHELL", "curl x"), 30_000_000_000L, 1, 2, 3, 4)),
                process.healthcheck());
        assertEquals(List.of("/bin/bash", "-c"), process.shell());
    }

    @Test
    void takesNullsAndNothing() {
        ImageConfig least = parse("{" + ROOTFS + "}");
        assertEquals(Platform.LINUX_AMD64, least.platform());
        assertEquals(Optional.empty(), least.created());
        assertEquals(ImageProcess.NONE, least.process());
        ImageConfig nulls = parse("{'created':null,'author':null,'history':null,'config':null,'variant':null," + ROOTFS
                + ",'os':'windows'}");
        assertEquals(new Platform("windows", "amd64", ""), nulls.platform());
        assertEquals(ImageProcess.NONE, nulls.process());
        assertEquals(
                ImageProcess.NONE,
                process("{'User':null,'ExposedPorts':null,'Env':null,'Entrypoint':null,'Cmd':null,'Volumes':null,"
                        + "'WorkingDir':null,'Labels':null,'StopSignal':null,'Healthcheck':null,'Shell':null}"));
        assertEquals(ImageProcess.NONE, process("{}"));
        assertEquals(
                List.of(), parse("{'rootfs':{'type':'layers','diff_ids':null}}").diffIds());
        assertEquals(
                Optional.empty(),
                parse("{" + ROOTFS + ",'created':'0001-01-01T00:00:00Z'}").created());
    }

    @Test
    void takesOneWordForAListOfIt() {
        assertEquals(List.of("/bin/sh"), process("{'Entrypoint':'/bin/sh'}").entrypoint());
        assertEquals(List.of(""), process("{'Cmd':['']}").cmd());
    }

    @Test
    void knowsHealthchecksThatRunNothing() {
        for (String test : List.of("[]", "null", "['NONE']", "['OTHER','x']")) {
            Healthcheck check = process("{'Healthcheck':{'Test':" + test + "}}")
                    .healthcheck()
                    .orElseThrow();
            assertTrue(check.isNone(), test);
        }
        assertFalse(process("{'Healthcheck':{'Test':['CMD','x']}}")
                .healthcheck()
                .orElseThrow()
                .isNone());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{'rootfs':null}",
                "{'rootfs':{}}",
                "{'rootfs':{'type':'tarball','diff_ids':[]}}",
                "{'rootfs':{'type':'layers','diff_ids':{}}}",
                "{'rootfs':{'type':'layers','diff_ids':['x']}}",
                "{'rootfs':{'type':'layers','diff_ids':[7]}}",
                "{'rootfs':{'type':'layers','diff_ids':[null]}}",
                "{'rootfs':{'type':'layers','type':'layers','diff_ids':[]}}",
                "{'created':'yesterday',#}",
                "{'created':'',#}",
                "{'created':7,#}",
                "{'created':'+9999999999-01-01T00:00:00Z',#}",
                "{'created':'+999999999-12-31T23:59:59-18:00',#}",
                "{'created':'-0001-01-01T00:00:00Z',#}",
                "{'os':'li\\u001bnux',#}",
                "{'os':7,#}",
                "{'history':{},#}",
                "{'history':[null],#}",
                "{'history':[{'empty_layer':'yes'}],#}",
                "{'config':[],#}",
                "{'config':{'User':0},#}",
                "{'config':{'User':'a\\u0000b'},#}",
                "{'config':{'Env':'A=b'},#}",
                "{'config':{'Env':['A=\\u0000']},#}",
                "{'config':{'Env':{'A':'b'}},#}",
                "{'config':{'Cmd':[7]},#}",
                "{'config':{'Cmd':[null]},#}",
                "{'config':{'Cmd':[['a']]},#}",
                "{'config':{'ExposedPorts':['80/tcp']},#}",
                "{'config':{'ExposedPorts':{'http':{}}},#}",
                "{'config':{'ExposedPorts':{'0/tcp':{}}},#}",
                "{'config':{'ExposedPorts':{'65536/tcp':{}}},#}",
                "{'config':{'ExposedPorts':{'90-80/tcp':{}}},#}",
                "{'config':{'ExposedPorts':{'80/icmp':{}}},#}",
                "{'config':{'Volumes':['/x']},#}",
                "{'config':{'Volumes':{'/x\\u0000':{}}},#}",
                "{'config':{'Labels':{'a':7}},#}",
                "{'config':{'Labels':['a=b']},#}",
                "{'config':{'Healthcheck':{'Interval':-1}},#}",
                "{'config':{'Healthcheck':{'Interval':'30s'}},#}",
                "{'config':{'Healthcheck':{'Interval':1e9}},#}",
                "{'config':{'Healthcheck':{'Retries':2147483648}},#}"
            })
    void refusesHostileForms(String json) {
        String message = String.valueOf(assertThrows(OciException.class, () -> parse(json.replace("#", ROOTFS)))
                .getMessage());
        assertTrue(message.startsWith("debian:12: invalid configuration: "), message);
        assertTrue(message.length() < 400 && message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }

    @Test
    void saysWhatIsWrong() {
        String json = "{'config':{'Healthcheck':{'Interval':'30s'}}," + ROOTFS + "}";
        assertEquals(
                "debian:12: invalid configuration: \"config.Healthcheck.Interval\" must be a whole number,"
                        + " not the string \"30s\"",
                assertThrows(OciException.class, () -> parse(json)).getMessage());
    }

    @Test
    void wantsALayerForEachDiffId() {
        ImageConfig config = parse("{" + ROOTFS + "}");
        Descriptor layer = new Descriptor(MediaTypes.OCI_LAYER, DIFF_ID, 0);
        config.requireLayersOf("x", new Manifest(layer, List.of(layer)));
        String message = String.valueOf(assertThrows(
                        OciException.class, () -> config.requireLayersOf("x", new Manifest(layer, List.of())))
                .getMessage());
        assertTrue(message.contains("mismatched image rootfs and manifest layers"), message);
    }
}
