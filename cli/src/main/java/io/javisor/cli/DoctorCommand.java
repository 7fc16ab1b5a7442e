package io.javisor.cli;

import io.javisor.cli.config.EnvironmentSettings;
import io.javisor.cli.config.Settings;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.doctor.Check;
import io.javisor.machine.doctor.HostReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code javisor doctor}: says whether this host can run javisor. */
@Command(
        name = "doctor",
        description = {
            "Checks whether this host can run javisor.",
            "Each line says what was seen; what is not ok is followed by the command that mends it. Nothing is changed."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:javisor can run, though there may be warnings",
            "1:something that javisor needs is missing",
            "125:javisor failed, or could not do what was asked"
        })
final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print the same as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path home = Path.of(System.getProperty("javisor.home", "."));
        HostReport report = report(System.getenv()).with(DefaultGuestCheck.check(home, System.getenv()));
        PrintWriter out = spec.commandLine().getOut();
        DoctorReport printed = new DoctorReport(report);
        out.print(json ? printed.json() : printed.text(spec.commandLine().getColorScheme()));
        out.flush();
        return report.canRun() ? ExitStatus.POWER_OFF : ExitStatus.HOST_UNFIT;
    }

    /** A variable that can't be read keeps every machine from starting: that is a finding like others. */
    static HostReport report(Map<String, String> environment) {
        try {
            Accel accel = EnvironmentSettings.of(environment).get(Settings.ACCEL);
            return HostReport.inspect(accel == null ? Accel.AUTO : accel);
        } catch (ConfigException e) {
            return HostReport.inspect(Accel.AUTO)
                    .with(Check.failure(
                            "environment", String.valueOf(e.getMessage()), "unset " + Settings.ACCEL.environment()));
        }
    }
}
