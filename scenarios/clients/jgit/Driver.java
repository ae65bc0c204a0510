// Calls JGit's porcelain as a program that embeds it would.

import java.io.File;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.TransportCommand;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.transport.PushResult;
import org.eclipse.jgit.transport.RemoteRefUpdate;
import org.eclipse.jgit.transport.UsernamePasswordCredentialsProvider;

public class Driver {
    static final String URL = System.getenv("LAB_URL");
    static final File FOLDER = new File(System.getenv("LAB_DIR"));
    static final String BRANCH = System.getenv("LAB_BRANCH");

    public static void main(String[] arguments) {
        try {
            run(arguments[0]);
        } catch (Throwable error) {
            System.err.println(error);
            System.exit(1);
        }
    }

    static void run(String operation) throws Exception {
        switch (operation) {
            case "clone":
                as(Git.cloneRepository().setURI(URL).setDirectory(FOLDER)).call();
                break;
            case "shallow":
                // Releases before 6.3 have no setDepth.
                Object clone = as(Git.cloneRepository().setURI(URL).setDirectory(FOLDER));
                clone.getClass().getMethod("setDepth", int.class).invoke(clone, 1);
                ((org.eclipse.jgit.api.CloneCommand) clone).call();
                break;
            case "fetch":
                as(Git.open(FOLDER).fetch()).call();
                break;
            case "push":
                for (PushResult result : as(Git.open(FOLDER).push().add(BRANCH)).call()) {
                    for (RemoteRefUpdate update : result.getRemoteUpdates()) {
                        if (update.getStatus() != RemoteRefUpdate.Status.OK) {
                            throw new Exception(update.getStatus() + ": " + update.getMessage());
                        }
                    }
                }
                break;
            case "list":
                for (Ref ref : as(Git.lsRemoteRepository().setRemote(URL)).call()) {
                    System.out.println(ref.getObjectId().name() + " " + ref.getName());
                }
                break;
            default:
                throw new Exception("no such operation: " + operation);
        }
    }

    static <C extends TransportCommand<?, ?>> C as(C command) {
        String user = System.getenv("LAB_USER");
        if (user != null) {
            command.setCredentialsProvider(
                new UsernamePasswordCredentialsProvider(user, System.getenv("LAB_PASSWORD")));
        }
        return command;
    }
}
