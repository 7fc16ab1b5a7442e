package io.javisor.firmware.grub;

import io.javisor.firmware.disk.BootFiles;
import io.javisor.firmware.disk.Volume;
import io.javisor.firmware.image.BootException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code grub.cfg}, and what GRUB would boot by it if nobody touched the keyboard. The language is run as far as generated files use it:
 * variables, conditions, functions, loops, {@code search}, {@code source}, environment blocks, menus, Fedora's {@code blscfg}. The disk is the
 * only one there is, and it is never written.
 */
public final class GrubConfig {
    /** Where it is: in a file system for booting first, which hides one below the root file system's {@code /boot}. */
    public static final List<String> PATHS =
            List.of("/grub/grub.cfg", "/grub2/grub.cfg", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg");

    /** Entries that are looked at for one with a kernel. */
    private static final int TRIED_MAX = 64;

    private final GrubShell shell;
    private final String name;
    private final List<String> missing = new ArrayList<>();
    private int tried;

    private GrubConfig(GrubShell shell, String name) {
        this.shell = shell;
        this.name = name;
    }

    /**
     * What it would boot: the default entry, or the first one with a kernel if that has none.
     *
     * @param path of a {@code grub.cfg} that is there
     * @throws BootException in one line, if it is damaged, or names no kernel that is there
     */
    public static BootFiles boot(GrubDisk disk, Volume volume, String path) {
        String name = "%s in partition %d".formatted(path, volume.partition().number());
        GrubShell shell = new GrubShell(disk, name);
        GrubVariables variables = shell.variables();
        String device = disk.device(volume);
        String directory = path.substring(0, path.lastIndexOf('/'));
        variables.set("root", device);
        variables.set("prefix", "(%s)%s".formatted(device, directory));
        variables.set("config_directory", "(%s)%s".formatted(device, directory));
        variables.set("config_file", "(%s)%s".formatted(device, path));
        variables.set("grub_cpu", "x86_64");
        variables.set("grub_platform", "pc");
        variables.set("feature_menuentry_id", "y");
        variables.set("feature_default_font_path", "y");
        // Ubuntu tries without an initrd first, and with it after a failure. There is one try here: the one that works.
        variables.set("initrdfail", "1");
        shell.source(new GrubDisk.Location(volume, path));
        return new GrubConfig(shell, name).choose(shell.takeMenu());
    }

    private BootFiles choose(List<GrubMenuItem> menu) {
        // Commands outside of any entry: a file that boots without a menu.
        BootFiles direct = shell.takeLoader().bootFiles("(none)");
        if (menu.isEmpty() && direct != null) {
            return direct;
        }
        String wanted = shell.variables().get("default");
        BootFiles files = byDefault(menu, wanted);
        if (files == null) {
            files = first(menu);
            if (files != null) {
                files = files.withNotes(
                        List.of("%s: its default entry has no kernel; the first one that has is used".formatted(name)));
            }
        }
        if (files == null) {
            throw new BootException(name
                    + ": none of its %d entries names a kernel that is there%s"
                            .formatted(menu.size(), missing.isEmpty() ? "" : "; missing is " + missing.getFirst()));
        }
        return files;
    }

    /** GRUB manual, "default": a number, an identifier or a title; with {@code >} between the levels of submenus. */
    private @Nullable BootFiles byDefault(List<GrubMenuItem> menu, String wanted) {
        List<GrubMenuItem> level = menu;
        for (String part : wanted.split(">", 8)) {
            GrubMenuItem item = find(level, part);
            if (item == null) {
                return null;
            }
            if (!isSubmenu(item)) {
                return load(item);
            }
            shell.select(item);
            level = shell.takeMenu();
        }
        return first(level);
    }

    private static @Nullable GrubMenuItem find(List<GrubMenuItem> menu, String wanted) {
        for (GrubMenuItem item : menu) {
            if (!wanted.isEmpty() && (wanted.equals(item.id()) || wanted.equals(item.title()))) {
                return item;
            }
        }
        // What is not there means the first.
        int index = wanted.matches("[0-9]{1,4}") ? Integer.parseInt(wanted) : 0;
        return index < menu.size() ? menu.get(index) : menu.isEmpty() ? null : menu.getFirst();
    }

    /** The first entry with a kernel, in submenus too. */
    private @Nullable BootFiles first(List<GrubMenuItem> menu) {
        for (GrubMenuItem item : menu) {
            if (++tried > TRIED_MAX) {
                return null;
            }
            BootFiles files;
            if (isSubmenu(item)) {
                shell.select(item);
                files = first(shell.takeMenu());
            } else {
                files = load(item);
            }
            if (files != null) {
                return files;
            }
        }
        return null;
    }

    private static boolean isSubmenu(GrubMenuItem item) {
        return item instanceof GrubMenuItem.Script script && script.submenu();
    }

    private @Nullable BootFiles load(GrubMenuItem item) {
        shell.select(item);
        GrubLoader loader = shell.takeLoader();
        missing.addAll(loader.missing());
        return loader.bootFiles(item.title());
    }
}
