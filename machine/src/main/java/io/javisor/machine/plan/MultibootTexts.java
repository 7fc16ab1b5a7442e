package io.javisor.machine.plan;

import io.javisor.firmware.BootRequest;
import io.javisor.firmware.multiboot.MultibootModule;
import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.ModuleConfig;
import io.javisor.machine.host.BootImages;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a Multiboot kernel is told: of itself and of each module the path as the user gave it, which it takes for the name of a program and skips, and
 * then the user's words. Nothing of Linux's parameters is added.
 */
final class MultibootTexts {
    private MultibootTexts() {}

    /** By the configuration and the images opened for it. */
    static BootRequest.Multiboot of(BootConfig boot, BootImages images) {
        KernelOptions options = boot.options();
        List<MultibootModule> modules = new ArrayList<>();
        for (int i = 0; i < options.modules().size(); i++) {
            ModuleConfig module = options.modules().get(i);
            modules.add(new MultibootModule(
                    images.modules().get(i), text(module.path().toString(), module.args())));
        }
        String own = options.commandLine() == null ? images.commandLine() : options.commandLine();
        String initrd = images.initrdSource(boot);
        return new BootRequest.Multiboot(
                text(images.kernelSource(boot), own), initrd == null ? "" : text(initrd, ""), modules);
    }

    private static String text(String name, @Nullable String words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            text.append(c <= ' ' || c >= 0x7F ? '_' : c);
        }
        String stripped = words == null ? "" : words.strip();
        return stripped.isEmpty()
                ? text.toString()
                : text.append(' ').append(stripped).toString();
    }
}
