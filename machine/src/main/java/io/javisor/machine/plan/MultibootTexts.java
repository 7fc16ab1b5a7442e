package io.javisor.machine.plan;

import io.javisor.firmware.BootRequest;
import io.javisor.firmware.multiboot.MultibootModule;
import io.javisor.machine.config.MachineConfig;
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
    static BootRequest.Multiboot of(MachineConfig config, BootImages images) {
        List<MultibootModule> modules = new ArrayList<>();
        for (int i = 0; i < config.modules().size(); i++) {
            ModuleConfig module = config.modules().get(i);
            modules.add(new MultibootModule(
                    images.modules().get(i), text(module.path().toString(), module.args())));
        }
        String kernel =
                config.kernelOnDisk() ? images.kernel().name() : config.kernel().toString();
        String own = config.commandLine() == null ? images.commandLine() : config.commandLine();
        return new BootRequest.Multiboot(text(kernel, own), initrd(config, images), modules);
    }

    private static String initrd(MachineConfig config, BootImages images) {
        if (config.initrd() != null) {
            return text(config.initrd().toString(), "");
        }
        return images.initrd() == null ? "" : text(images.initrd().name(), "");
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
