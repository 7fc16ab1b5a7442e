package io.javisor.container.spec;

import static io.javisor.container.spec.SpecMakerTest.options;
import static io.javisor.container.spec.SpecMakerTest.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.machine.config.ConfigException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with what a user says of a container, each in a line. */
class SpecRefusalsTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " ~ ",
            value = {
                "MEMORY ~ x ~ invalid argument \"x\" for \"-m, --memory\" flag: invalid size: 'x'",
                "MEMORY ~ 5m ~ Minimum memory limit allowed is 6MB",
                "MEMORY ~ -1 ~ invalid argument \"-1\" for \"-m, --memory\" flag: invalid size: '-1'",
                "MEMORY ~ 99999999999p ~ invalid argument \"99999999999p\" for \"-m, --memory\" flag: invalid size:"
                        + " '99999999999p'",
                "CPUS ~ x ~ invalid argument \"x\" for \"--cpus\" flag: failed to parse x as a rational number",
                "CPUS ~ . ~ invalid argument \".\" for \"--cpus\" flag: failed to parse . as a rational number",
                "CPUS ~ 0.001 ~ range of CPUs is from 0.01 to 1000.00, not 0.001",
                "PIDS_LIMIT ~ many ~ invalid argument \"many\" for \"--pids-limit\" flag: it is no whole number",
                "SHM_SIZE ~ huge ~ invalid argument \"huge\" for \"--shm-size\" flag: invalid size: 'huge'",
                "WORKDIR ~ relative ~ the working directory 'relative' is invalid, it needs to be an absolute path",
                "ENV ~ =x ~ invalid argument \"=x\" for \"-e, --env\" flag: invalid environment variable: \"=x\"",
                "LABEL ~ =x ~ invalid argument \"=x\" for \"-l, --label\" flag: invalid label format: \"=x\"",
                "CAP_ADD ~ NO_SUCH ~ invalid CapAdd: unknown capability: \"CAP_NO_SUCH\"",
                "CAP_DROP ~ cap_x ~ invalid CapDrop: unknown capability: \"CAP_X\"",
                "ADD_HOST ~ peer ~ invalid argument \"peer\" for \"--add-host\" flag: bad format for add-host:"
                        + " \"peer\"",
                "ADD_HOST ~ :1.2.3.4 ~ invalid argument \":1.2.3.4\" for \"--add-host\" flag: bad format for add-host:"
                        + " \":1.2.3.4\"",
                "ADD_HOST ~ peer:x ~ invalid argument \"peer:x\" for \"--add-host\" flag: invalid IP address in"
                        + " add-host: \"x\"",
                "DNS ~ x ~ invalid argument \"x\" for \"--dns\" flag: IP address is not correctly formatted: x",
                "DNS_SEARCH ~ a b ~ invalid argument \"a b\" for \"--dns-search\" flag: it is no domain",
                "HOSTNAME ~ a b ~ invalid hostname: \"a b\"",
                "HOSTNAME ~ -a ~ invalid hostname: \"-a\"",
                "NETWORK ~ other ~ network other not found; there are user and none",
                "TMPFS ~ scratch ~ invalid mount path: 'scratch' mount path must be absolute",
                "TMPFS ~ / ~ invalid mount path: '/': destination can't be '/'",
                "TMPFS ~ /a/.. ~ invalid mount path: '/a/..': destination can't be '/'",
                "ULIMIT ~ no-such=1 ~ invalid argument \"no-such=1\" for \"--ulimit\" flag: invalid ulimit type:"
                        + " no-such",
                "ULIMIT ~ nofile ~ invalid argument \"nofile\" for \"--ulimit\" flag: invalid ulimit argument: nofile",
                "ULIMIT ~ nofile=2:1 ~ invalid argument \"nofile=2:1\" for \"--ulimit\" flag: ulimit soft limit must"
                        + " be less than or equal to hard limit: 2 > 1",
                "ULIMIT ~ nofile=-1:1 ~ invalid argument \"nofile=-1:1\" for \"--ulimit\" flag: ulimit soft limit must"
                        + " be less than or equal to hard limit: -1 > 1",
                "ULIMIT ~ nofile=x ~ invalid argument \"nofile=x\" for \"--ulimit\" flag: it is no number: \"x\"",
                "ULIMIT ~ nofile=1:2:3 ~ invalid argument \"nofile=1:2:3\" for \"--ulimit\" flag: too many limit value"
                        + " arguments - 1:2:3, can only have up to two, `soft[:hard]`",
                "STOP_SIGNAL ~ NO ~ invalid signal: \"NO\"",
                "STOP_SIGNAL ~ 0 ~ invalid signal: \"0\"",
                "STOP_SIGNAL ~ 65 ~ invalid signal: \"65\"",
                "STOP_TIMEOUT ~ soon ~ invalid argument \"soon\" for \"--stop-timeout\" flag: it is no whole number",
                "SECURITY_OPT ~ x=y ~ invalid --security-opt: \"x=y\"; there are no-new-privileges,"
                        + " seccomp=unconfined and systempaths=unconfined",
                "HEALTH_INTERVAL ~ 5 ~ invalid argument \"5\" for \"--health-interval\" flag: it is no time, such as"
                        + " 30s or 1m30s",
                "HEALTH_INTERVAL ~ s ~ invalid argument \"s\" for \"--health-interval\" flag: it is no time, such as"
                        + " 30s or 1m30s",
                "HEALTH_INTERVAL ~ 5sx ~ invalid argument \"5sx\" for \"--health-interval\" flag: it is no time, such"
                        + " as 30s or 1m30s",
                "ACCEL ~ magic ~ --accel: 'magic' is none of auto, kvm, software",
                "PUBLISH ~ x ~ invalid argument \"x\" for \"-p, --publish\" flag: it is not"
                        + " [[ADDRESS:]PORT:]PORT[/tcp|udp]",
                "PUBLISH ~ 0:80 ~ invalid argument \"0:80\" for \"-p, --publish\" flag: invalid hostPort: 0",
                "PUBLISH ~ 80:70000 ~ invalid argument \"80:70000\" for \"-p, --publish\" flag: invalid containerPort:"
                        + " 70000",
                "PUBLISH ~ 80:80/x ~ invalid argument \"80:80/x\" for \"-p, --publish\" flag: invalid proto: x",
                "PUBLISH ~ 80:80/sctp ~ invalid argument \"80:80/sctp\" for \"-p, --publish\" flag: SCTP can't be"
                        + " published; TCP and UDP can",
                "PUBLISH ~ 1.2.3:80:80 ~ invalid argument \"1.2.3:80:80\" for \"-p, --publish\" flag: invalid IP"
                        + " address: 1.2.3",
                "PUBLISH ~ 1-2:80-82 ~ invalid argument \"1-2:80-82\" for \"-p, --publish\" flag: invalid ranges"
                        + " specified for container and host Ports: 80-82 and 1-2",
                "PUBLISH ~ 80-79 ~ invalid argument \"80-79\" for \"-p, --publish\" flag: invalid containerPort: 80-79",
                "EXPOSE ~ x ~ invalid range format for --expose: \"x\"",
                "EXPOSE ~ 0 ~ invalid range format for --expose: \"0\"",
                "EXPOSE ~ 2-1 ~ invalid range format for --expose: \"2-1\""
            })
    void refusals(ContainerOption option, String text, String expected) {
        assertEquals(expected, refusal(option.name(), text));
        ConfigException early =
                assertThrows(ConfigException.class, () -> SpecMaker.check(options(option.name(), text), Map.of()));
        assertEquals(expected, early.getMessage());
    }
}
