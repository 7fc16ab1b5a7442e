package io.javisor.images.grub;

import io.javisor.core.text.Printable;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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

    private static final String NUMBER = "[0-9]{1,4}";
    private static final Pattern RESCUE = Pattern.compile("\\b(?:recovery|rescue|single)\\b");
    private static final String MISSING = "missing is ";

    /** GRUB 2.12, grub-core/normal/main.c. */
    private static final List<String> FEATURES = List.of(
            "chainloader_bpb",
            "ntldr",
            "platform_search_hint",
            "default_font_path",
            "all_video_module",
            "menuentry_id",
            "menuentry_options",
            "200_final",
            "nativedisk_cmd",
            "timeout_style");

    /** Those that menus within menus see, too. */
    private static final List<String> INITIAL = List.of(
            "root",
            "prefix",
            "grub_cpu",
            "grub_platform",
            "config_file",
            "config_directory",
            "cmdpath",
            "chosen",
            "initrdfail");

    private final GrubShell shell;
    private final String name;
    private final List<String> obstacles = new ArrayList<>();
    private int tried;
    private boolean rescues;

    private GrubConfig(GrubShell shell, String name) {
        this.shell = shell;
        this.name = name;
    }

    /**
     * What it would boot: the default entry; if that does not boot, its fallback, or the first one that does, and a note says so.
     *
     * @param path of a {@code grub.cfg} that is there
     * @throws ImageException in one line, if it is damaged, says what is not understood, or names no kernel that is there
     */
    public static BootFiles boot(GrubDisk disk, Volume volume, String path) {
        String name = "%s in partition %d".formatted(path, volume.partition().number());
        GrubShell shell = new GrubShell(disk, name);
        GrubVariables variables = shell.variables();
        String device = disk.device(volume);
        String directory = path.substring(0, path.lastIndexOf('/'));
        variables.set("root", device);
        variables.set("prefix", "(%s)%s".formatted(device, directory));
        variables.set("grub_cpu", "x86_64");
        variables.set("grub_platform", "pc");
        FEATURES.forEach(feature -> variables.set("feature_" + feature, "y"));
        // Ubuntu tries without an initrd first, and with it after a failure. There is one try here: the one that works.
        variables.set("initrdfail", "1");
        INITIAL.forEach(variables::export);
        FEATURES.forEach(feature -> variables.export("feature_" + feature));
        GrubConfig config = new GrubConfig(shell, name);
        try {
            shell.source(new GrubDisk.Location(volume, path));
            return config.choose();
        } catch (GrubUnclear e) {
            throw new ImageException(Printable.asciiLine(e.reason()));
        }
    }

    /**
     * Whether an entry is for a system that does not start as it should.
     *
     * @param line its kernel's path and command line
     */
    public static boolean isForRescue(String line) {
        return RESCUE.matcher(line).find();
    }

    private BootFiles choose() {
        List<GrubMenuItem> menu = shell.takeMenu();
        // Commands outside of any entry: a file that boots without a menu.
        BootFiles direct = shell.loader().bootFiles("(none)");
        if (direct != null && (menu.isEmpty() || shell.flow().hasBooted())) {
            return direct;
        }
        note(shell.loader().obstacle());
        if (!menu.isEmpty()) {
            requireNothingLoaded();
        }
        BootFiles files = level(menu, true);
        if (files != null) {
            return files;
        }
        throw new ImageException(
                obstacles.isEmpty() || obstacles.getFirst().startsWith(MISSING)
                        ? "%s: none of its %d entries names a kernel that is there%s"
                                .formatted(name, menu.size(), obstacles.isEmpty() ? "" : "; " + obstacles.getFirst())
                        : "%s; none of %d entries boots%s"
                                .formatted(obstacles.getFirst(), menu.size(), rescues ? " but those for rescue" : ""));
    }

    /** What is loaded before a menu is shown boots from any entry that loads nothing, and from a submenu at once. */
    private void requireNothingLoaded() {
        String obstacle = shell.loader().obstacle();
        if (shell.loader().isLoaded() || (obstacle != null && !obstacle.startsWith(MISSING))) {
            throw new GrubUnclear(
                    obstacle != null ? obstacle : "%s: a kernel is loaded before a menu is shown".formatted(name));
        }
    }

    private boolean doubtful() {
        return obstacles.stream().anyMatch(obstacle -> !obstacle.startsWith(MISSING));
    }

    private @Nullable BootFiles loaded(GrubMenuItem item, boolean isDefault) {
        GrubLoader loader = shell.loader();
        BootFiles files = loader.bootFiles(item.title());
        if (files == null) {
            note(loader.obstacle());
        } else if (!isDefault && doubtful() && isForRescue(loader.line())) {
            rescues = true;
            return null;
        }
        return files;
    }

    private void note(@Nullable String obstacle) {
        if (obstacle != null) {
            obstacles.add(Printable.asciiLine(obstacle));
        }
    }

    /**
     * The default of a menu, else its fallback, else the first that boots; but after a doubt none that is for rescue.
     *
     * @param chosen whether it is the menu that the default leads to
     */
    private @Nullable BootFiles level(List<GrubMenuItem> menu, boolean chosen) {
        String wanted = shell.variables().get("default");
        String doubt = shell.unknowns().reason(wanted);
        if (doubt != null) {
            throw new GrubUnclear(doubt + "; it is in the default");
        }
        List<GrubMenuItem> order = new ArrayList<>();
        GrubMenuItem first = menu.isEmpty() ? null : menu.getFirst();
        if (first != null && shell.variables().isSet("default")) {
            first = find(menu, GrubDefault.first(wanted));
        }
        if (first != null) {
            order.add(first);
        }
        for (String fallback : shell.variables().get("fallback").strip().split("\\s+", -1)) {
            if (fallback.matches(NUMBER) && Integer.parseInt(fallback) < menu.size()) {
                order.add(menu.get(Integer.parseInt(fallback)));
            }
        }
        order.addAll(menu);
        int before = obstacles.size();
        for (GrubMenuItem item : order.stream().distinct().toList()) {
            boolean isDefault = chosen && item.equals(first);
            BootFiles files = item(item, item.equals(first) ? GrubDefault.rest(wanted) : "", isDefault);
            if (files != null) {
                return item.equals(first) ? files : files.withNotes(List.of(passedBy(before)));
            }
        }
        return null;
    }

    private String passedBy(int before) {
        return obstacles.size() == before
                ? "%s: its default entry has no kernel; the first one that has is used".formatted(name)
                : "%s: its default entry has no kernel that boots (%s); the first one that has is used"
                        .formatted(name, obstacles.get(before));
    }

    /**
     * GRUB manual, "default": a number, an identifier or a title. What begins with a number is that number for GRUB, but not for Fedora's, whose menus of
     * Boot Loader Specification entries have identifiers that begin so.
     */
    private GrubMenuItem find(List<GrubMenuItem> menu, String wanted) {
        GrubMenuItem named = menu.stream()
                .filter(item -> wanted.equals(item.id()) || wanted.equals(item.title()))
                .findFirst()
                .orElse(null);
        boolean whole = GrubDefault.isNumber(wanted);
        boolean names = !whole && menu.stream().anyMatch(GrubMenuItem.Bls.class::isInstance);
        int number = names ? -1 : GrubDefault.number(wanted);
        for (GrubMenuItem item : menu) {
            if (named != null && number < 0 && item.equals(named)) {
                return named;
            }
            if (!whole && item.doubt() != null) {
                throw new GrubUnclear(item.doubt() + "; it is in an entry's name");
            }
        }
        // What is not there means the first.
        GrubMenuItem found = menu.get(number >= 0 && number < menu.size() ? number : 0);
        if (named != null && !whole && !named.equals(found)) {
            throw new GrubUnclear("%s: the default '%s' is an entry's name, but begins with the number of another"
                    .formatted(name, wanted));
        }
        return found;
    }

    /**
     * Null if it does not boot; the variables are as before then.
     *
     * @throws GrubUnclear if it is the default and leads to a menu of which is not known what it is: what GRUB boots is in there
     */
    private @Nullable BootFiles item(GrubMenuItem item, String rest, boolean isDefault) {
        if (++tried > TRIED_MAX) {
            return null;
        }
        GrubVariables.Saved saved = shell.variables().save();
        BootFiles files = null;
        List<GrubMenuItem> shown = List.of();
        try {
            shell.select(item, rest);
            shown = shell.takeMenu();
            if (shown.isEmpty()) {
                files = loaded(item, isDefault);
            } else {
                requireNothingLoaded();
                files = level(shown, isDefault);
            }
        } catch (GrubUnclear | ImageException e) {
            if (isDefault && (!shown.isEmpty() || shell.isMakingMenu())) {
                throw e;
            }
            note(e.getMessage());
        }
        if (files == null) {
            shell.variables().restore(saved);
        }
        return files;
    }
}
